/**
 * The server's time. A phone may be minutes off, and a countdown to an order's expiry that runs
 * on the phone's clock would then promise time that is not there.
 */

/** The server's clock minus the phone's, milliseconds. */
let offset_ms = 0;

/**
 * Learns from the `Date` header of an answer, where there is one.
 * @param {Record<string, any> | undefined} header
 */
function learn(header) {
  const text = header && (header.Date || header.date);
  const at = typeof text === 'string' ? Date.parse(text) : NaN;
  if (!isNaN(at)) {
    offset_ms = at - Date.now();
  }
}

/** Unix milliseconds by the server's clock, as well as it is known. */
function serverNow() {
  return Date.now() + offset_ms;
}

module.exports = { learn, serverNow };
