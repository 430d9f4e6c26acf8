/** The buyer's own orders, newest first, page by page. */
const pay = require('../../pay/src/index');
const catalogue = require('../../utils/catalogue');
const recovery = require('../../utils/recovery');
const { payAndShow } = require('../../utils/checkout');
const { failureOf, sentence, whenOnline } = require('../../utils/failure');
const { orderView } = require('../../utils/order-view');
const { words } = require('../../utils/words');

Page({
  data: {
    w: words(),
    /** `loading`, `ready`, `empty` or `failed`. */
    phase: 'loading',
    /** @type {ReturnType<typeof orderView>[]} */
    orders: [],
    /** Where the next page begins; empty on the last. */
    cursor: '',
    more: false,
    /** The order whose cashier is open. */
    paying: '',
    failure: { kind: 'error', title: '', text: '' },
  },

  /** Counts the loads, so that an answer to an older one is recognised. */
  round: 0,

  /** Set in `onLoad`. */
  stopListening() {},

  onLoad() {
    wx.setNavigationBarTitle({ title: words().ordersTitle });
    this.stopListening = whenOnline(() => this.data.phase === 'failed' && this.load());
  },

  onShow() {
    if (!recovery.resume()) {
      this.load();
    }
  },

  onUnload() {
    this.stopListening();
  },

  async onPullDownRefresh() {
    const loaded = await this.load();
    wx.stopPullDownRefresh();
    if (loaded) {
      wx.showToast({ title: words().refreshed, icon: 'none' });
    }
  },

  onReachBottom() {
    this.loadMore();
  },

  reload() {
    this.setData({ phase: 'loading' });
    this.load();
  },

  refresh() {
    this.load();
  },

  /** @returns {Promise<boolean>} whether the server answered */
  async load() {
    // An answer to an older question must not undo a newer one.
    const round = this.round + 1;
    this.round = round;
    try {
      const page = await this.pageAt('');
      if (round === this.round) {
        const phase = page.orders.length > 0 ? 'ready' : 'empty';
        this.setData(Object.assign(page, { phase, more: false }));
      }
      return true;
    } catch (error) {
      if (round === this.round) {
        await this.fail(error);
      }
      return false;
    }
  },

  async loadMore() {
    if (this.data.more || !this.data.cursor) {
      return;
    }
    const round = this.round;
    this.setData({ more: true });
    try {
      const page = await this.pageAt(this.data.cursor);
      if (round === this.round) {
        const orders = this.data.orders.concat(page.orders);
        this.setData({ orders, cursor: page.cursor, more: false });
      }
    } catch (error) {
      this.setData({ more: false });
      wx.showToast({ title: sentence(error), icon: 'none' });
    }
  },

  /** @param {string} cursor */
  async pageAt(cursor) {
    const [page] = await Promise.all([pay.orders.list(cursor), catalogue.ready()]);
    return { orders: page.data.map(orderView), cursor: page.next_cursor || '' };
  },

  /** @param {unknown} error */
  async fail(error) {
    if (this.data.orders.length > 0) {
      wx.showToast({ title: sentence(error), icon: 'none' });
      return;
    }
    this.setData({ phase: 'failed', failure: await failureOf(error) });
  },

  /** @param {{detail: {order_no: string}}} event */
  open(event) {
    const order_no = encodeURIComponent(event.detail.order_no);
    wx.navigateTo({ url: '/pages/order/index?order_no=' + order_no });
  },

  /** @param {{detail: {order_no: string}}} event */
  async pay(event) {
    if (this.data.paying) {
      return;
    }
    this.setData({ paying: event.detail.order_no });
    await payAndShow({ order_no: event.detail.order_no }, wx.navigateTo);
    this.setData({ paying: '' });
  },

  toShop() {
    wx.reLaunch({ url: '/pages/goods/index' });
  },
});
