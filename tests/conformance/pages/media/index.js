Page({
  data: { loaded: '', failed: '', current: 0, swiped: '', edge: '', top: 0, into: '', items: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
  loaded(event) {
    this.setData({ loaded: `${event.detail.width}x${event.detail.height}` });
  },
  failed(event) {
    this.setData({ failed: event.detail.errMsg });
  },
  swiped(event) {
    this.setData({ current: event.detail.current, swiped: `${event.detail.current} ${event.detail.source}` });
  },
  next() {
    this.setData({ current: 2 });
  },
  edge(event) {
    this.setData({ edge: `${event.type} ${event.detail.direction}` });
  },
  down() {
    this.setData({ into: 'item-10' });
  },
});
