Page({
  data: { depth: 0, said: '', query: '' },
  onLoad(query) {
    this.setData({ depth: getCurrentPages().length, query: query.name || '' });
    const channel = this.getOpenerEventChannel();
    channel.on('question', (data) => {
      this.setData({ said: `question ${data.value}` });
      channel.emit('answer', { value: 'from stack' });
    });
  },
  say(result) {
    this.setData({ said: result.errMsg });
  },
  deeper() {
    wx.navigateTo({ url: '/pages/stack/index?name=a%20b', fail: (result) => this.say(result) });
  },
  missing() {
    wx.navigateTo({ url: '/pages/none/index', fail: (result) => this.say(result) });
  },
  notText() {
    wx.navigateTo({ fail: (result) => this.say(result) });
  },
  tab() {
    wx.switchTab({ url: '/pages/index/index', fail: (result) => this.say(result) });
  },
  back() {
    wx.navigateBack({ delta: 1, fail: (result) => this.say(result) });
  },
  replace() {
    wx.redirectTo({ url: '../stack/index?name=replaced' });
  },
  home() {
    wx.reLaunch({ url: '/pages/index/index' });
  },
  alone() {
    wx.reLaunch({ url: '/pages/stack/index?name=alone' });
  },
});
