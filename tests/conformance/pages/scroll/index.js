Page({
  data: { rows: [], pulled: 0, reached: 0, top: 0, measured: '', viewport: '' },
  onLoad() {
    this.setData({ rows: Array.from({ length: 30 }, (_, index) => index) });
  },
  onPullDownRefresh() {
    this.setData({ pulled: this.data.pulled + 1 });
    wx.stopPullDownRefresh();
  },
  onReachBottom() {
    this.setData({ reached: this.data.reached + 1 });
  },
  onPageScroll(event) {
    this.setData({ top: Math.round(event.scrollTop) });
  },
  start() {
    wx.startPullDownRefresh();
  },
  bottom() {
    wx.pageScrollTo({ scrollTop: 100000, duration: 0 });
  },
  measure() {
    const query = wx.createSelectorQuery();
    query.select('#row-0').boundingClientRect();
    query.selectAll('.row').fields({ size: true, dataset: true });
    query.selectViewport().scrollOffset();
    query.exec((results) => {
      const [first, all, view] = results;
      this.setData({
        measured: `${Math.round(first.height)} ${all.length} ${all[3].dataset.n}`,
        viewport: `${first.top < 1000 && first.top > 0} ${typeof view.scrollTop}`,
      });
    });
  },
});
