Component({
  options: { multipleSlots: true },
  externalClasses: ['outer-class'],
  properties: { start: { type: Number, value: 0 }, goods: Object },
  data: { n: 0, seen: '' },
  lifetimes: {
    attached() {
      this.setData({ n: this.data.start });
    },
  },
  observers: {
    'goods.**'(goods) {
      this.setData({ seen: goods ? goods.name : '' });
    },
  },
  methods: {
    add() {
      this.setData({ n: this.data.n + 1 });
      this.triggerEvent('count', { n: this.data.n });
    },
    current() {
      return this.data.n;
    },
  },
});
