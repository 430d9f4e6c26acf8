/** An amount of money. The only place where fen become yuan on a page. */
const money = require('../../utils/money');

Component({
  properties: {
    /** Integer, fen. */
    fen: { type: Number, value: 0 },
    /** `small`, `middle`, `large` or `huge`. */
    size: { type: String, value: 'middle' },
    /** Empty, `leaf` or `faint`. */
    tone: { type: String, value: '' },
  },

  data: { yuan: '0', cents: '00' },

  observers: {
    fen(fen) {
      this.setData(money.parts(fen));
    },
  },
});
