Page({
  data: {
    list: [{ id: 1, name: 'one' }, { id: 2, name: 'two' }], shown: 'b', bound: 'start', goods: { name: 'tea' }, found: '',
    nested: { deep: [{ n: 1 }] },
  },
  change() {
    this.setData({
      'list[1].name': 'zwei', shown: 'c', 'nested.deep[0].n': 5, 'goods.name': 'green tea', bound: 'from page',
    }, () => this.setData({ found: `${this.data.nested.deep[0].n} ${this.selectComponent('#picked').current()}` }));
  },
});
