Page({
  data: { errors: 0 },
  onShow() {
    this.listener = () => this.setData({ errors: this.data.errors + 1 });
    wx.onError(this.listener);
  },
  onUnload() {
    wx.offError(this.listener);
  },
  fails() {
    // README.md names the line of the next statement.
    throw new Error('broken on purpose');
  },
  later() {
    setTimeout(() => {
      throw new Error('broken later');
    }, 0);
  },
  async rejects() {
    await Promise.reject(new Error('nobody caught this'));
  },
});
