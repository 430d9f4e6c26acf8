const app = getApp();

Page({
  data: { pages: ['events', 'modules', 'wxs', 'style', 'style-other', 'lifecycle', 'behaviors', 'template', 'form', 'media',
    'scroll', 'stack', 'api', 'ui', 'request', 'pay', 'theme', 'types', 'broken',
    'esm', 'widgets', 'buyer'], log: '' },
  onShow() {
    this.setData({ log: app.globalData.log.join(', ') });
  },
});
