Page({
  data: { theme: '', changed: '' },
  onLoad() {
    this.setData({ theme: wx.getAppBaseInfo().theme });
    this.listener = ({ theme }) => this.setData({ changed: theme });
    wx.onThemeChange(this.listener);
  },
  onUnload() {
    wx.offThemeChange(this.listener);
  },
});
