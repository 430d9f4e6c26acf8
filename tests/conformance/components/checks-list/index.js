Component({
  properties: { checks: { type: Array, value: [] }, done: Boolean },
  observers: {
    checks(list) {
      const bad = list.filter((one) => !one.ok).length;
      this.setData({ bad, good: list.length - bad });
    },
  },
});
