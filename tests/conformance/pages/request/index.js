/** Whatever answers behind this domain will do: only what the phone itself does is looked at. */
const BASE = 'https://tea.example.com';

Page({
  data: { got: '', changes: '' },
  onLoad() {
    this.listener = (status) => this.setData({ changes: `${status.isConnected} ${status.networkType}` });
    wx.onNetworkStatusChange(this.listener);
  },
  onUnload() {
    wx.offNetworkStatusChange(this.listener);
  },
  ask(options) {
    return wx.request(Object.assign({
      success: (result) => this.setData({ got: `${result.errMsg} ${typeof result.statusCode} ${typeof result.header} ${typeof result.data}` }),
      fail: (result) => this.setData({ got: result.errMsg }),
    }, options));
  },
  get() {
    this.ask({ url: `${BASE}/v1/goods?a=1`, data: { limit: 2, text: 'ä b' } });
  },
  text() {
    this.ask({ url: `${BASE}/v1/goods`, dataType: 'text' });
  },
  foreign() {
    this.ask({ url: 'https://elsewhere.example.com/' });
  },
  plain() {
    this.ask({ url: 'http://tea.example.com/' });
  },
  abort() {
    this.ask({ url: `${BASE}/v1/goods` }).abort();
  },
  late() {
    this.ask({ url: `${BASE}/v1/goods`, timeout: 1 });
  },
  promise() {
    const task = wx.request({ url: `${BASE}/v1/goods` });
    this.setData({ got: `${typeof task.abort} ${typeof task.then}` });
  },
});
