Page({
  data: { value: '' },
  submit(event) {
    this.setData({ value: JSON.stringify(event.detail.value) });
  },
});
