/** One order in the list. */
const { words } = require('../../utils/words');

Component({
  properties: {
    /** From `utils/order-view.js`. */
    order: { type: Object, value: /** @type {any} */ ({}) },
    busy: { type: Boolean, value: false },
  },

  data: { w: words() },

  methods: {
    open() {
      this.triggerEvent('open', { order_no: this.data.order.order_no });
    },

    pay() {
      this.triggerEvent('pay', { order_no: this.data.order.order_no });
    },

    end() {
      this.triggerEvent('end', { order_no: this.data.order.order_no });
    },
  },
});
