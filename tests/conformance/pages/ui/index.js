Page({
  data: { said: '' },
  say(what, result) {
    this.setData({ said: `${what} ${JSON.stringify(result)}` });
  },
  toast() {
    wx.showToast({ title: 'a toast', duration: 60000 });
  },
  words() {
    wx.showToast({ title: 'only words, and a good many of them', icon: 'none', duration: 60000 });
  },
  loading() {
    wx.showLoading({ title: 'loading' });
  },
  hide() {
    wx.hideLoading();
  },
  modal() {
    wx.showModal({ title: 'Question', content: 'Really?', confirmText: 'Yes', cancelText: 'No', success: (result) => this.say('modal', result) });
  },
  ask() {
    wx.showModal({ title: 'Name', editable: true, placeholderText: 'your name', success: (result) => this.say('ask', result) });
  },
  sheet() {
    wx.showActionSheet({ itemList: ['first', 'second'], success: (result) => this.say('sheet', result), fail: (result) => this.say('sheet', result) });
  },
  bar() {
    wx.setNavigationBarTitle({ title: 'another title' });
    wx.setNavigationBarColor({ frontColor: '#ffffff', backgroundColor: '#204060' });
    wx.showNavigationBarLoading();
  },
});
