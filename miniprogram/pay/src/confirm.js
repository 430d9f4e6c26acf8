/** Asking the server until it knows, for a bounded time. */
const { isCode } = require('./errors');
const { orders } = require('./orders');
const { outcomeOf } = require('./outcome');
const { SCHEDULES } = require('./schedule');
const { wait } = require('./wait');
const journal = require('./journal');

/** What the cashier said; `unknown` when nobody can say.
 * @typedef {'ok' | 'cancel' | 'unknown'} Report */
/** @typedef {{outcome: import('./types').Outcome, final: boolean, unpaid: boolean}} Heard */

const UNPAID = /** @type {const} */ ({ state: 'unpaid' });
const PENDING = /** @type {const} */ ({ state: 'pending' });

/**
 * How does this order stand? Ends with what the server says, or with `pending` when the time is
 * up. Never throws for a server that is silent: silence is not a "no".
 * @param {string} order_no
 * @param {Report} after
 * @returns {Promise<import('./types').Outcome>}
 */
async function untilKnown(order_no, after) {
  /** @type {Heard | undefined} */
  let known;
  let unpaid = false;
  for (const step of SCHEDULES[after]) {
    await wait(step.after_ms);
    const heard = await ask(order_no, step.ask, after);
    if (heard && heard.final) {
      journal.settle(order_no);
      return heard.outcome;
    }
    known = heard || known;
    // What was said before a silence is no longer the last word.
    unpaid = heard !== undefined && heard.unpaid;
  }
  /** @type {import('./types').Outcome} */
  const outcome = known ? known.outcome : { state: 'pending', order_no };
  return conclusion(outcome, after, unpaid);
}

/**
 * The time is up and nothing final was said.
 * @param {import('./types').Outcome} known  with the newest order that was told
 * @param {Report} after
 * @param {boolean} unpaid  whether WeChat's last word was "not paid"
 * @returns {import('./types').Outcome}
 */
function conclusion(known, after, unpaid) {
  if (unpaid) {
    journal.settle(known.order_no);
    return known;
  }
  // Who left the cashier may try again even if the server is silent: one order number cannot be
  // paid twice. It stays in the journal, and is asked about at the next occasion.
  return Object.assign({}, known, after === 'cancel' ? UNPAID : PENDING);
}

/**
 * One question. Silence, and refusals that may pass, are `undefined`.
 * @param {string} order_no
 * @param {'refresh' | 'read'} how
 * @param {Report} after
 * @returns {Promise<Heard | undefined>}
 */
async function ask(order_no, how, after) {
  try {
    const order = await orders[how](order_no, { retry: false });
    const outcome = outcomeOf(order);
    const open = order.state === 'created' || order.state === 'awaiting_payment';
    if (!open) {
      return { outcome, final: outcome.state !== 'pending', unpaid: false };
    }
    // Only WeChat's own "not paid" counts; the record alone may be behind. And after the
    // cashier's ok even that is only "not yet".
    const unpaid = how === 'refresh' && after !== 'ok';
    return { outcome, final: unpaid && outcome.state === 'closed', unpaid };
  } catch (error) {
    if (isCode(error, 'ORDER_NOT_FOUND')) {
      // Another buyer's, or another server's: nothing here to wait for.
      return { outcome: { state: 'failed', order_no, error }, final: true, unpaid: false };
    }
    return undefined;
  }
}

module.exports = { untilKnown };
