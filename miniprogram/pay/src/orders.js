/** The server's calls for orders, by name. */
const { call } = require('./http');

/** Orders on one page of the list. */
const PAGE_SIZE = 10;

/**
 * @param {string} order_no
 * @param {string} [action]
 */
function path(order_no, action) {
  return '/v1/mp/orders/' + encodeURIComponent(order_no) + (action ? '/' + action : '');
}

const orders = {
  /**
   * Places an order. The amount is the server's; the key makes repeats one order.
   * @param {{goods_id: string, quantity: number}} wanted
   * @param {string} key  from `newKey()`
   * @returns {Promise<import('./types').Placed>}
   */
  place(wanted, key) {
    const data = { goods_id: wanted.goods_id, quantity: wanted.quantity };
    const header = { 'Idempotency-Key': key };
    return call({ method: 'POST', path: '/v1/mp/orders', data, header });
  },

  /**
   * Fresh fields for the cashier, for an order that is still payable.
   * @param {string} order_no
   * @returns {Promise<import('./types').Placed>}
   */
  payment(order_no) {
    return call({ method: 'POST', path: path(order_no, 'payment') });
  },

  /**
   * What the server has on record.
   * @param {string} order_no
   * @param {{retry?: boolean}} [options]
   * @returns {Promise<import('./types').Order>}
   */
  async read(order_no, options) {
    return (await call({ method: 'GET', path: path(order_no) }, options)).order;
  },

  /**
   * The same after the server has asked WeChat. Dearer than `read`: use it sparsely.
   * @param {string} order_no
   * @param {{retry?: boolean}} [options]
   * @returns {Promise<import('./types').Order>}
   */
  async refresh(order_no, options) {
    return (await call({ method: 'POST', path: path(order_no, 'refresh') }, options)).order;
  },

  /**
   * Gives the order up. It may come back as `paid`, if that was faster.
   * @param {string} order_no
   * @returns {Promise<import('./types').Order>}
   */
  async close(order_no) {
    return (await call({ method: 'POST', path: path(order_no, 'close') })).order;
  },

  /**
   * The buyer's own, newest first.
   * @param {string} [cursor]  `next_cursor` of the page before
   * @returns {Promise<import('./types').OrderPage>}
   */
  list(cursor) {
    const after = cursor ? '&cursor=' + encodeURIComponent(cursor) : '';
    return call({ method: 'GET', path: '/v1/mp/orders?limit=' + PAGE_SIZE + after });
  },
};

module.exports = { orders };
