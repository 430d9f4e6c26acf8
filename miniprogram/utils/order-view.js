/** An order as the pages show it: plain JSON, words and all. */
const pay = require('../pay/src/index');
const catalogue = require('./catalogue');
const title = require('./title');
const time = require('./time');
const { words } = require('./words');

/**
 * @param {import('../pay/src/types').Order} order
 */
function orderView(order) {
  const state = stateOf(order);
  const { main, sub, quantity } = title.split(order.description);
  const goods = catalogue.ofDescription(order.description);
  return {
    order_no: order.order_no,
    state,
    label: words().states[state],
    hint: words().hints[state],
    payable: state === 'unpaid',
    over: state === 'closed' || state === 'refunded',
    main,
    sub,
    quantity,
    image: catalogue.picture(goods),
    goods_id: goods ? goods.id : '',
    amount_fen: order.amount_fen,
    refunded_fen: order.refunded_fen,
    created: time.shown(order.created_at),
    paid: time.shown(order.paid_at),
    closed: time.shown(order.closed_at),
    expires_at: order.expires_at,
    transaction_id: order.transaction_id || '',
  };
}

/**
 * An unpaid order whose cashier was opened and never reported is in doubt, not unpaid: until the
 * server has asked WeChat, nobody should be invited to pay it again.
 * @param {import('../pay/src/types').Order} order
 */
function stateOf(order) {
  const state = pay.outcomeOf(order).state;
  const doubtful = state === 'unpaid' && pay.unfinished().indexOf(order.order_no) >= 0;
  return doubtful ? 'pending' : state;
}

module.exports = { orderView };
