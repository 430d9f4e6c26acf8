Page({
  data: { value: '', said: '', cities: ['杭州', '苏州', '成都'], at: 0, focused: '' },
  said(event) {
    this.setData({ said: `${event.type} ${JSON.stringify(event.detail.value)}` });
  },
  picked(event) {
    this.setData({ at: Number(event.detail.value), said: `picker ${event.detail.value}` });
  },
  focus(event) {
    this.setData({ focused: `${event.type} ${event.detail.value}` });
  },
  submit(event) {
    this.setData({ value: JSON.stringify(event.detail.value) });
  },
  reset() {
    this.setData({ value: 'reset' });
  },
});
