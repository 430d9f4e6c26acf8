/** Money is an integer of fen everywhere. Only here does it become text. */

const FEN_PER_YUAN = 100;

/**
 * @param {number} fen  integer, not negative
 * @returns {{yuan: string, cents: string}} `6805` → `68` and `05`
 */
function parts(fen) {
  if (!Number.isSafeInteger(fen) || fen < 0) {
    throw new RangeError('not an amount in fen: ' + fen);
  }
  // The remainder first: what is left then divides without a fraction.
  const cents = fen % FEN_PER_YUAN;
  const yuan = (fen - cents) / FEN_PER_YUAN;
  return { yuan: String(yuan), cents: cents < 10 ? '0' + cents : String(cents) };
}

/**
 * @param {number} fen
 * @returns {string} `6805` → `68.05`
 */
function format(fen) {
  const { yuan, cents } = parts(fen);
  return yuan + '.' + cents;
}

/**
 * What a quantity would cost: an estimate to show. The order's amount is the server's.
 * @param {number} price_fen
 * @param {number} quantity
 * @returns {number} fen
 */
function times(price_fen, quantity) {
  const total = price_fen * quantity;
  parts(total);
  return total;
}

module.exports = { parts, format, times };
