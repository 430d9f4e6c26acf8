/** The time until an order expires, by the server's clock. Says `end` once, when it is over. */
const pay = require('../../pay/src/index');
const { clockText } = require('../../utils/time');
const { words } = require('../../utils/words');

const TICK_MS = 1000;

Component({
  properties: {
    /** RFC 3339. */
    until: { type: String, value: '' },
  },

  data: { w: words(), text: '', over: false },

  observers: {
    until() {
      this.tick();
    },
  },

  lifetimes: {
    attached() {
      this.start();
    },

    detached() {
      this.stop();
    },
  },

  pageLifetimes: {
    show() {
      this.start();
    },

    hide() {
      this.stop();
    },
  },

  methods: {
    start() {
      this.stop();
      this.tick();
      /** @type {any} */ (this).timer = setInterval(() => this.tick(), TICK_MS);
    },

    stop() {
      clearInterval(/** @type {any} */ (this).timer);
    },

    tick() {
      const left_ms = Date.parse(this.data.until) - pay.serverNow();
      const over = left_ms <= 0;
      const ended = over && !this.data.over;
      this.setData({ text: isNaN(left_ms) ? '' : clockText(left_ms), over });
      if (ended) {
        this.triggerEvent('end');
      }
    },
  },
});
