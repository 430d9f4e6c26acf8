const config = require('./config');
const pay = require('./pay/src/index');
const recovery = require('./utils/recovery');

App({
  onLaunch() {
    pay.configure({ baseUrl: config.baseUrl });
  },

  onShow() {
    // Whoever was taken away in the cashier comes back here, by launch or from the background.
    recovery.arm();
  },
});
