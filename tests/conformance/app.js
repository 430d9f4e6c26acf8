/** Writes down in which order a phone calls what; pages read it from here. */
const log = [];

App({
  globalData: { log, answer: 42 },
  onLaunch(options) {
    log.push(`app.onLaunch ${options.path}`);
  },
  onShow() {
    log.push('app.onShow');
  },
  onHide() {
    log.push('app.onHide');
  },
  onError() {
    log.push('app.onError');
  },
});
