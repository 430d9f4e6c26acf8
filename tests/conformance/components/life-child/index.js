const { log } = getApp().globalData;

Component({
  properties: { name: { type: String, value: 'child' } },
  lifetimes: {
    created() {
      log.push('child.created');
    },
    attached() {
      log.push(`${this.data.name}.attached`);
    },
    ready() {
      log.push(`${this.data.name}.ready`);
    },
    detached() {
      log.push(`${this.data.name}.detached`);
    },
  },
  pageLifetimes: {
    show() {
      log.push(`${this.data.name}.pageShow`);
    },
    hide() {
      log.push(`${this.data.name}.pageHide`);
    },
  },
});
