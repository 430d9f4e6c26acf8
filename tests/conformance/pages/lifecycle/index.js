const app = getApp();

Page({
  data: { log: '', query: '', later: false, options: '' },
  onLoad(query) {
    app.globalData.log.push('page.onLoad');
    this.setData({ query: JSON.stringify(query), options: `${this.route} ${this.options.name}` });
  },
  onShow() {
    app.globalData.log.push('page.onShow');
  },
  onReady() {
    app.globalData.log.push('page.onReady');
    this.refresh();
  },
  onHide() {
    app.globalData.log.push('page.onHide');
  },
  onUnload() {
    app.globalData.log.push('page.onUnload');
  },
  refresh() {
    const { log } = app.globalData;
    this.setData({ log: log.slice(log.lastIndexOf('child.created')).join(', ') });
  },
  addLater() {
    this.setData({ later: true }, () => this.refresh());
  },
  next() {
    wx.navigateTo({ url: '../style/index' });
  },
  messages() {
    wx.navigateTo({
      url: '/pages/stack/index?depth=child',
      events: { answer: (data) => this.setData({ query: `answer ${data.value}` }) },
      success: (result) => result.eventChannel.emit('question', { value: 'from lifecycle' }),
    });
  },
});
