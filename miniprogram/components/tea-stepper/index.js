/** A quantity between two bounds. */
const { words } = require('../../utils/words');

Component({
  properties: {
    value: { type: Number, value: 1 },
    min: { type: Number, value: 1 },
    max: { type: Number, value: 99 },
  },

  data: { w: words() },

  methods: {
    less() {
      this.step(-1);
    },

    more() {
      this.step(1);
    },

    /** @param {number} by */
    step(by) {
      const value = this.data.value + by;
      if (value >= this.data.min && value <= this.data.max) {
        this.triggerEvent('change', { value });
      }
    },
  },
});
