/** The bar at the bottom. The two pages replace each other, so the page stack stays flat. */
const { words } = require('../../utils/words');

Component({
  properties: {
    /** `goods` or `orders`. */
    current: { type: String, value: 'goods' },
  },

  data: { w: words() },

  methods: {
    toGoods() {
      this.go('goods');
    },

    toOrders() {
      this.go('orders');
    },

    /** @param {string} where */
    go(where) {
      if (where !== this.data.current) {
        wx.reLaunch({ url: '/pages/' + where + '/index' });
      }
    },
  },
});
