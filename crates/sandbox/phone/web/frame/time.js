/** Spans of time in words; pure. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The two largest units of a span, as pairs of a word's key and a number.
 *
 * @param {number} seconds
 * @returns {[key: 'days' | 'hours' | 'minutes' | 'seconds', n: number][]}
 */
export function spanParts(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const all = [
    ['days', Math.floor(whole / DAY)],
    ['hours', Math.floor((whole % DAY) / HOUR)],
    ['minutes', Math.floor((whole % HOUR) / MINUTE)],
    ['seconds', whole % MINUTE],
  ];
  const parts = all.filter(([, n]) => n > 0).slice(0, 2);
  return parts.length > 0 ? parts : [['seconds', 0]];
}

/**
 * Beijing time of an instant, as WeChat writes it wherever it writes a time.
 *
 * @param {number} ms
 * @returns {{ date: string, time: string }}
 */
export function beijing(ms) {
  const shifted = new Date(ms + 8 * HOUR * 1000).toISOString();
  return { date: shifted.slice(0, 10), time: shifted.slice(11, 19) };
}

/**
 * How long after the first entry, short enough for a margin.
 *
 * @param {number} ms
 */
export function plus(ms) {
  if (ms < 1000) return `+${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `+${(ms / 1000).toFixed(2)} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.floor((ms % 60_000) / 1000);
  if (minutes < 60) return `+${minutes}:${String(seconds).padStart(2, '0')}`;
  return `+${Math.floor(minutes / 60)} h ${minutes % 60} m`;
}
