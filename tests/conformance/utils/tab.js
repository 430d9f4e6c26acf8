/** A page that is a tab: both of them are the same, and say what happens to them. */
module.exports = () => ({
  data: { log: '', high: 0, said: '' },
  add(what) {
    this.setData({ log: this.data.log ? `${this.data.log}, ${what}` : what });
  },
  onLoad(query) {
    this.add(`load ${Object.keys(query).length}`);
  },
  onShow() {
    this.add('show');
    this.setData({ high: wx.getWindowInfo().windowHeight });
  },
  onHide() {
    this.add('hide');
  },
  onUnload() {
    getApp().globalData.log.push(`unload ${this.route}`);
  },
  onTabItemTap({ index, text }) {
    this.add(`tap ${index} ${text}`);
  },
  badge() {
    wx.setTabBarBadge({ index: 1, text: '12345' });
  },
  dot() {
    wx.removeTabBarBadge({ index: 1 });
    wx.showTabBarRedDot({ index: 1 });
  },
  words() {
    wx.setTabBarItem({ index: 0, text: 'changed' });
    wx.setTabBarStyle({ selectedColor: '#0000ff' });
  },
  hide() {
    wx.hideTabBar();
  },
  show() {
    wx.showTabBar();
  },
  toTab() {
    const say = ({ errMsg }) => this.setData({ said: errMsg });
    wx.navigateTo({ url: '/pages/tab-second/index', fail: say });
  },
});
