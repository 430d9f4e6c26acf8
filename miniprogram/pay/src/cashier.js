/** Opening WeChat's cashier, and what to make of how it ends. */
const { PayError, isCode } = require('./errors');
const { orders } = require('./orders');
const { untilKnown } = require('./confirm');
const { underWay } = require('./underway');
const journal = require('./journal');

/** @typedef {import('./types').Outcome} Outcome */

/** @type {ReturnType<typeof underWay<Outcome>>} */
const payments = underWay();

/** @type {ReturnType<typeof underWay<Outcome>>} */
const questions = underWay();

/**
 * Pays an order, from fetching the fields to the server's word on it. A second call for the same
 * order joins the first.
 * @param {{order_no: string} | import('./types').Placed} wanted  what `orders.place` answered, or
 *   just the order number of an order that is to be paid later
 * @param {{onReturn?: () => void}} [options]  `onReturn` is called when the cashier has closed and
 *   the questions begin: the moment to show "confirming, please do not pay again"
 * @returns {Promise<Outcome>}
 */
function pay(wanted, options) {
  const order_no = 'order' in wanted ? wanted.order.order_no : wanted.order_no;
  const payment = 'payment' in wanted ? wanted.payment : undefined;
  const onReturn = (options && options.onReturn) || (() => {});
  return payments.join(order_no, () => run(order_no, payment, onReturn));
}

/**
 * How does this order stand? Joins a payment that is under way, or asks the server until it
 * knows, for a bounded time. Throws nothing: what nobody could say is `pending`.
 * @param {string} order_no
 * @returns {Promise<Outcome>}
 */
function confirm(order_no) {
  return (
    payments.get(order_no) || questions.join(order_no, () => untilKnown(order_no, 'unknown'))
  );
}

/** Whether a payment is under way in this run of the mini program. */
function inCashier() {
  return payments.any();
}

/**
 * @param {string} order_no
 * @param {import('./types').Payment | undefined} payment
 * @param {() => void} onReturn
 * @returns {Promise<Outcome>}
 */
async function run(order_no, payment, onReturn) {
  let fields = payment;
  if (!fields) {
    try {
      fields = (await orders.payment(order_no)).payment;
    } catch (error) {
      return unopened(order_no, error);
    }
  }
  journal.open(order_no);
  const end = await requestPayment(fields);
  onReturn();
  const outcome = await untilKnown(order_no, end.after);
  if (end.after === 'ok') {
    return outcome;
  }
  const cashier = end.after === 'cancel' ? 'cancel' : 'fail';
  return Object.assign({}, outcome, { cashier, errMsg: end.errMsg });
}

/**
 * The server gave no fields, so no cashier was opened.
 * @param {string} order_no
 * @param {unknown} error
 * @returns {Promise<Outcome>}
 */
async function unopened(order_no, error) {
  if (isCode(error, 'ORDER_NOT_PAYABLE')) {
    // Paid in the meantime, closed, or past its time: the server knows which.
    const outcome = await untilKnown(order_no, 'unknown');
    return outcome.state === 'unpaid' ? Object.assign({}, outcome, { state: 'closed' }) : outcome;
  }
  if (error instanceof PayError) {
    return { state: 'failed', order_no, error };
  }
  throw error;
}

/**
 * @param {import('./types').Payment} payment  handed over untouched: any change breaks `paySign`
 * @returns {Promise<{after: import('./confirm').Report, errMsg: string}>}
 */
function requestPayment(payment) {
  return new Promise((resolve) => {
    wx.requestPayment({
      timeStamp: payment.timeStamp,
      nonceStr: payment.nonceStr,
      package: payment.package,
      signType: payment.signType,
      paySign: payment.paySign,
      success: (result) => resolve({ after: 'ok', errMsg: result.errMsg }),
      fail: (result) =>
        resolve({ after: isCancel(result.errMsg) ? 'cancel' : 'unknown', errMsg: result.errMsg }),
    });
  });
}

/** @param {string} errMsg */
function isCancel(errMsg) {
  return /^requestPayment:(fail )?cancel$/.test(errMsg);
}

module.exports = { pay, confirm, inCashier };
