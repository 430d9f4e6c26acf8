/**
 * How a payment ended. Shown from the moment the cashier closes: first as "confirming", then as
 * the server's word. Also where a buyer lands who was taken away in the cashier.
 */
const pay = require('../../pay/src/index');
const catalogue = require('../../utils/catalogue');
const { buyAgain } = require('../../utils/checkout');
const { sentence } = require('../../utils/failure');
const { orderView } = require('../../utils/order-view');
const { words } = require('../../utils/words');

Page({
  data: {
    w: words(),
    order_no: '',
    /** The states of the pay module's outcomes. */
    state: 'pending',
    title: words().results.pending,
    text: words().resultTexts.pending,
    order: /** @type {any} */ (false),
    asking: false,
    busy: false,
    problem: '',
  },

  /** A field, not `data`: two taps must not ask twice. */
  asking: false,

  /** @param {Record<string, string | undefined>} query */
  onLoad(query) {
    wx.setNavigationBarTitle({ title: words().resultTitle });
    this.setData({ order_no: decodeURIComponent(query.order_no || '') });
    this.ask();
  },

  onShow() {
    // Questions that the background interrupted are asked anew.
    if (this.data.state === 'pending') {
      this.ask();
    }
  },

  async ask() {
    if (this.asking || !this.data.order_no) {
      return;
    }
    this.asking = true;
    this.confirming();
    const outcome = await pay.confirm(this.data.order_no);
    this.asking = false;
    this.tell(outcome);
  },

  async pay() {
    if (this.asking) {
      return;
    }
    this.asking = true;
    this.setData({ busy: true, problem: '' });
    const order_no = this.data.order_no;
    const outcome = await pay.pay({ order_no }, { onReturn: () => this.confirming() });
    this.asking = false;
    if (outcome.state === 'failed') {
      // The cashier never opened, so the order is as it was.
      this.setData({ busy: false, problem: sentence(outcome.error) });
    } else {
      this.tell(outcome);
    }
  },

  confirming() {
    const w = words();
    const title = w.results.pending;
    const text = w.resultTexts.pending;
    this.setData({ state: 'pending', title, text, asking: true, problem: '' });
  },

  /** @param {import('../../pay/src/types').Outcome} outcome */
  async tell(outcome) {
    const w = words();
    const order = outcome.order ? { order: await this.seen(outcome.order) } : {};
    const state = outcome.state;
    const failed = state === 'unpaid' && outcome.cashier === 'fail';
    const still = state === 'pending' ? w.stillPending : w.resultTexts[state];
    this.setData(
      Object.assign(order, {
        state,
        title: w.results[state],
        text: failed ? w.cashierFailed : still,
        asking: false,
        busy: false,
      }),
    );
  },

  /**
   * After a restart the goods are not known yet; the picture and "buy again" want them.
   * @param {import('../../pay/src/types').Order} order
   */
  async seen(order) {
    await catalogue.ready();
    return orderView(order);
  },

  seeOrder() {
    const order_no = encodeURIComponent(this.data.order_no);
    wx.redirectTo({ url: '/pages/order/index?order_no=' + order_no });
  },

  seeOrders() {
    wx.reLaunch({ url: '/pages/orders/index' });
  },

  toShop() {
    wx.reLaunch({ url: '/pages/goods/index' });
  },

  buyAgain() {
    buyAgain(this.data.order ? this.data.order.goods_id : '');
  },
});
