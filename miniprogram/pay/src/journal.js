/**
 * Orders whose cashier was opened and whose end nobody has told us. It is written before the
 * cashier opens, so that a mini program that is killed in the cashier knows what to ask about.
 */
const storage = require('./storage');

const NAME = 'unfinished';

/** The newest few are enough: older ones stand in the list of orders anyway. */
const KEPT_MAX = 5;

/** @returns {string[]} order numbers, newest first */
function unfinished() {
  const kept = storage.read(NAME);
  return Array.isArray(kept) ? kept : [];
}

/** @param {string} order_no */
function open(order_no) {
  storage.write(NAME, [order_no].concat(without(order_no)).slice(0, KEPT_MAX));
}

/** @param {string} order_no */
function settle(order_no) {
  const left = without(order_no);
  if (left.length > 0) {
    storage.write(NAME, left);
  } else {
    storage.remove(NAME);
  }
}

/** @param {string} order_no */
function without(order_no) {
  return unfinished().filter((other) => other !== order_no);
}

module.exports = { unfinished, open, settle };
