/** The shelf: what there is to buy. */
const catalogue = require('../../utils/catalogue');
const recovery = require('../../utils/recovery');
const { failureOf, sentence, whenOnline } = require('../../utils/failure');
const { words } = require('../../utils/words');

Page({
  data: {
    w: words(),
    /** `loading`, `ready`, `empty` or `failed`. */
    phase: 'loading',
    /** @type {import('../../utils/catalogue').GoodsView[]} */
    goods: [],
    failure: { kind: 'error', title: '', text: '' },
  },

  /** Set in `onLoad`. */
  stopListening() {},

  onLoad() {
    wx.setNavigationBarTitle({ title: words().goodsTitle });
    this.show(catalogue.cached());
    this.stopListening = whenOnline(() => this.data.phase === 'failed' && this.load());
    this.load();
  },

  onShow() {
    recovery.resume();
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

  reload() {
    this.setData({ phase: 'loading' });
    this.load();
  },

  /** @returns {Promise<boolean>} whether the server answered */
  async load() {
    try {
      const goods = await catalogue.load();
      this.setData({ goods, phase: goods.length > 0 ? 'ready' : 'empty' });
      return true;
    } catch (error) {
      await this.fail(error);
      return false;
    }
  },

  /** @param {import('../../utils/catalogue').GoodsView[]} goods */
  show(goods) {
    if (goods.length > 0) {
      this.setData({ goods, phase: 'ready' });
    }
  },

  /** What is on the shelf stays there: an old price list is better than none.
   * @param {unknown} error */
  async fail(error) {
    if (this.data.goods.length > 0) {
      wx.showToast({ title: sentence(error), icon: 'none' });
      return;
    }
    this.setData({ phase: 'failed', failure: await failureOf(error) });
  },

  /** @param {{currentTarget: {dataset: Record<string, any>}}} event */
  choose(event) {
    const id = event.currentTarget.dataset.id;
    const goods = this.data.goods.find((one) => one.id === id);
    if (goods && !goods.soldOut) {
      wx.navigateTo({ url: '/pages/confirm/index?goods_id=' + encodeURIComponent(id) });
    }
  },
});
