/** What an order's state means to the person who wants to pay it. */
const { serverNow } = require('./clock');

/**
 * @param {import('./types').Order} order
 * @returns {import('./types').Outcome}
 */
function outcomeOf(order) {
  return { state: stateOf(order), order_no: order.order_no, order };
}

/**
 * @param {import('./types').Order} order
 * @returns {'paid' | 'unpaid' | 'closed' | 'refunded' | 'pending'}
 */
function stateOf(order) {
  switch (order.state) {
    case 'paid':
    case 'partially_refunded':
      return 'paid';
    case 'refunded':
      return 'refunded';
    case 'closed':
      return 'closed';
    case 'created':
    case 'awaiting_payment':
      // Past its time WeChat takes no money for it, though the server has yet to close it.
      return Date.parse(order.expires_at) <= serverNow() ? 'closed' : 'unpaid';
    default:
      // A state of a newer server. Claiming anything about money would be a guess.
      return 'pending';
  }
}

module.exports = { outcomeOf };
