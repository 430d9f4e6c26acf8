Page({
  data: { said: '' },
  onUnload() {
    getApp().globalData.log.push(`unload ${this.route}`);
  },
  badge() {
    wx.setTabBarBadge({ index: 1, text: '1', fail: ({ errMsg }) => this.setData({ said: errMsg }) });
  },
});
