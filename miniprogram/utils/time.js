/** Times come as RFC 3339 in Beijing time, and are shown as they come. */

/**
 * No `Date` is involved: a phone abroad would shift it, and WeChat's own bills are in Beijing time.
 * @param {string | undefined} rfc3339  `2026-11-23T22:38:41+08:00`
 * @returns {string} `2026-11-23 22:38:41`, or `''`
 */
function shown(rfc3339) {
  return rfc3339 ? rfc3339.slice(0, 19).replace('T', ' ') : '';
}

/**
 * @param {number} ms
 * @returns {string} `29:05`, or `1:02:03` from an hour on
 */
function clockText(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const rest = two(Math.floor((seconds % 3600) / 60)) + ':' + two(seconds % 60);
  return seconds >= 3600 ? Math.floor(seconds / 3600) + ':' + rest : rest;
}

/** @param {number} number */
function two(number) {
  return number < 10 ? '0' + number : String(number);
}

module.exports = { shown, clockText };
