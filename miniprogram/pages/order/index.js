/** One order, with everything that can be done about it. */
const pay = require('../../pay/src/index');
const catalogue = require('../../utils/catalogue');
const recovery = require('../../utils/recovery');
const { resultUrl, payAndShow, buyAgain } = require('../../utils/checkout');
const { failureOf, sentence } = require('../../utils/failure');
const { orderView } = require('../../utils/order-view');
const { words } = require('../../utils/words');

Page({
  data: {
    w: words(),
    /** `loading`, `ready` or `failed`. */
    phase: 'loading',
    order: /** @type {any} */ ({}),
    paying: false,
    closing: false,
    failure: { kind: 'error', title: '', text: '' },
  },

  order_no: '',

  /** @param {Record<string, string | undefined>} query */
  onLoad(query) {
    wx.setNavigationBarTitle({ title: words().orderTitle });
    this.order_no = decodeURIComponent(query.order_no || '');
  },

  onShow() {
    if (!recovery.resume()) {
      this.load('read');
    }
  },

  /** A buyer who pulls wants to know now, so WeChat is asked. */
  async onPullDownRefresh() {
    const loaded = await this.load('refresh');
    wx.stopPullDownRefresh();
    if (loaded) {
      wx.showToast({ title: words().refreshed, icon: 'none' });
    }
  },

  /** The countdown has ended. */
  reload() {
    this.load('refresh');
  },

  retry() {
    this.setData({ phase: 'loading' });
    this.load('read');
  },

  /**
   * @param {'read' | 'refresh'} how
   * @returns {Promise<boolean>} whether the server answered
   */
  async load(how) {
    try {
      const [order] = await Promise.all([pay.orders[how](this.order_no), catalogue.ready()]);
      this.show(order);
      return true;
    } catch (error) {
      await this.fail(error);
      return false;
    }
  },

  /** @param {import('../../pay/src/types').Order} order */
  show(order) {
    this.setData({ phase: 'ready', order: orderView(order) });
  },

  /** @param {unknown} error */
  async fail(error) {
    if (this.data.phase === 'ready') {
      wx.showToast({ title: sentence(error), icon: 'none' });
      return;
    }
    this.setData({ phase: 'failed', failure: await failureOf(error) });
  },

  async pay() {
    if (this.data.paying) {
      return;
    }
    this.setData({ paying: true });
    await payAndShow({ order_no: this.order_no }, wx.navigateTo);
    this.setData({ paying: false });
  },

  /** The payment is in doubt: its own page asks. */
  ask() {
    wx.navigateTo({ url: resultUrl(this.order_no) });
  },

  async cancel() {
    if (this.data.closing || !(await this.sure())) {
      return;
    }
    this.setData({ closing: true });
    try {
      const order = await pay.orders.close(this.order_no);
      this.show(order);
      // Paying can be faster than cancelling, and then the payment stands.
      const title = order.state === 'closed' ? words().cancelled : words().cancelLost;
      wx.showToast({ title, icon: 'none' });
    } catch (error) {
      wx.showToast({ title: sentence(error), icon: 'none' });
    }
    this.setData({ closing: false });
  },

  /** @returns {Promise<boolean>} */
  sure() {
    const w = words();
    return new Promise((resolve) => {
      wx.showModal({
        title: w.cancelOrder,
        content: w.cancelAsk,
        confirmText: w.cancelOrder,
        cancelText: w.keep,
        success: (result) => resolve(result.confirm),
        fail: () => resolve(false),
      });
    });
  },

  copy() {
    wx.setClipboardData({
      data: this.order_no,
      success: () => wx.showToast({ title: words().copied, icon: 'none' }),
    });
  },

  buyAgain() {
    buyAgain(this.data.order.goods_id);
  },
});
