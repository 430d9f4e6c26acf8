const { words } = require('../words');

Page({
  data: { route: '' },
  onLoad() {
    this.setData({ route: `${getCurrentPages().slice(-1)[0].route} ${words}` });
  },
});
