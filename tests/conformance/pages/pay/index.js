const FIELDS = { timeStamp: '1700000000', nonceStr: 'n', package: 'prepay_id=wx0', signType: 'RSA', paySign: 'c2ln' };

Page({
  data: { got: '' },
  pay(changes) {
    wx.requestPayment(Object.assign({}, FIELDS, changes, {
      success: (result) => this.setData({ got: result.errMsg }),
      fail: (result) => this.setData({ got: result.errMsg }),
    }));
  },
  numeric() {
    this.pay({ timeStamp: 1700000000 });
  },
  missing() {
    this.pay({ paySign: undefined });
  },
  unknown() {
    this.pay({});
  },
});
