const TEAS = { green: ['longjing', 'biluochun'], black: ['keemun'] };

Page({
  data: {
    nodes: [
      { name: 'p', attrs: { class: 'red', style: 'width: 75rpx' },
        children: [{ type: 'text', text: 'rich&nbsp;nodes' }] },
      { name: 'script', children: [{ type: 'text', text: 'never' }] },
    ],
    html: '<b class="red">bold</b><script>never()</script><img src="x" onerror="never()">'
      + '<i onclick="never()">&lt;i&gt;</i>',
    range: [['green', 'black'], TEAS.green], at: [0, 1], got: '',
  },
  changed({ detail }) {
    this.setData({ got: JSON.stringify(detail.value) });
  },
  column({ detail: { column, value } }) {
    if (column === 0) this.setData({ range: [['green', 'black'], TEAS[['green', 'black'][value]]], at: [value, 0] });
  },
  preview() {
    const urls = ['/images/square.svg', '/images/square.svg'];
    wx.previewImage({ urls, current: 1, success: ({ errMsg }) => this.setData({ got: errMsg }) });
  },
  left() {
    this.setData({ got: 'left' });
  },
});
