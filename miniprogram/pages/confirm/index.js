/** One kind of goods, a quantity, and the button that places the order and opens the cashier. */
const pay = require('../../pay/src/index');
const catalogue = require('../../utils/catalogue');
const money = require('../../utils/money');
const { payAndShow } = require('../../utils/checkout');
const { failureOf, sentence } = require('../../utils/failure');
const { words } = require('../../utils/words');

/** Refusals after which the key belongs to an order that this page cannot go on with. */
const KEY_IS_SPENT = ['ORDER_NOT_PAYABLE', 'IDEMPOTENCY_KEY_REUSED'];

Page({
  data: {
    w: words(),
    /** `loading`, `ready` or `failed`. */
    phase: 'loading',
    goods: /** @type {any} */ ({}),
    quantity: 1,
    estimate_fen: 0,
    busy: false,
    problem: '',
    gone: false,
    failure: { kind: 'error', title: '', text: '' },
  },

  goods_id: '',

  /** The key of the order that is being placed; empty until there is one. */
  key: '',

  /** A field, not `data`, guards against the second tap: `setData` may not have arrived yet. */
  buying: false,

  /** @param {Record<string, string | undefined>} query */
  onLoad(query) {
    wx.setNavigationBarTitle({ title: words().confirmTitle });
    this.goods_id = decodeURIComponent(query.goods_id || '');
    this.load();
  },

  async load() {
    try {
      const goods = await catalogue.find(this.goods_id);
      if (!goods) {
        const failure = { kind: 'empty', title: words().gone, text: '' };
        this.setData({ phase: 'failed', gone: true, failure });
        return;
      }
      this.setData({ phase: 'ready', goods, estimate_fen: goods.price_fen });
    } catch (error) {
      this.setData({ phase: 'failed', failure: await failureOf(error) });
    }
  },

  retry() {
    if (this.data.gone) {
      wx.reLaunch({ url: '/pages/goods/index' });
      return;
    }
    this.setData({ phase: 'loading' });
    this.load();
  },

  /** @param {{detail: {value: number}}} event */
  changeQuantity(event) {
    if (this.buying) {
      return;
    }
    const quantity = event.detail.value;
    const estimate_fen = money.times(this.data.goods.price_fen, quantity);
    this.setData({ quantity, estimate_fen, problem: '' });
    // Another quantity is another intent; the server would refuse it under the old key.
    this.key = '';
  },

  async pay() {
    if (this.buying) {
      return;
    }
    this.buying = true;
    this.setData({ busy: true, problem: '' });
    const left = await this.buy();
    // A page that has been left stays shut: a late tap on it must not start anything.
    if (!left) {
      this.buying = false;
      this.setData({ busy: false });
    }
  },

  /** @returns {Promise<boolean>} whether another page has taken over */
  async buy() {
    const placed = await this.place();
    if (!placed) {
      return false;
    }
    const order_no = placed.order.order_no;
    const changed = placed.order.amount_fen !== this.data.estimate_fen;
    if (changed && !(await this.agreed(placed.order.amount_fen))) {
      wx.redirectTo({ url: '/pages/order/index?order_no=' + encodeURIComponent(order_no) });
      return true;
    }
    return payAndShow(placed, wx.redirectTo);
  },

  /**
   * Places the order. The key is kept until the order is known: whatever went wrong, tapping
   * again sends the same key and cannot make a second order.
   */
  async place() {
    const { goods, quantity } = this.data;
    try {
      this.key = this.key || (await pay.newKey());
      return await pay.orders.place({ goods_id: goods.id, quantity }, this.key);
    } catch (error) {
      this.explain(error);
      return undefined;
    }
  },

  /** @param {any} error */
  explain(error) {
    if (KEY_IS_SPENT.indexOf(error.code) >= 0) {
      this.key = '';
    }
    const lost = error.kind === 'unreachable';
    this.setData({ problem: lost ? words().lostOrder : sentence(error) });
  },

  /**
   * The server's amount is the one that counts, so nobody pays it without having seen it.
   * @param {number} amount_fen
   * @returns {Promise<boolean>}
   */
  agreed(amount_fen) {
    const w = words();
    return new Promise((resolve) => {
      wx.showModal({
        title: w.priceChangedTitle,
        content: w.priceChanged + ' ¥' + money.format(amount_fen),
        confirmText: w.agree,
        cancelText: w.later,
        success: (result) => resolve(result.confirm),
        fail: () => resolve(false),
      });
    });
  },
});
