const { checks } = require('../../utils/checks');

Page({
  data: { checks: [], done: false },
  async onLoad() {
    const verdict = checks(this);
    this.storage(verdict);
    this.system(verdict);
    this.small(verdict);
    await this.promises(verdict);
    this.setData({ done: true });
  },
  storage(verdict) {
    wx.clearStorageSync();
    const object = { list: [1, { a: 2 }] };
    wx.setStorageSync('object', object);
    object.list.push('later');
    verdict.add('stored by value', JSON.stringify(wx.getStorageSync('object')) === '{"list":[1,{"a":2}]}', wx.getStorageSync('object'));
    wx.setStorageSync('date', new Date(0));
    verdict.add('dates stay dates', wx.getStorageSync('date') instanceof Date, wx.getStorageSync('date'));
    verdict.add('nothing is an empty text', wx.getStorageSync('nothing') === '', wx.getStorageSync('nothing'));
    const info = wx.getStorageInfoSync();
    verdict.add('storage info', info.keys.length === 2 && info.limitSize === 10240, info);
    verdict.throws('a value of more than 1 MB', () => wx.setStorageSync('big', 'x'.repeat(1100000)), 'exceed');
    wx.removeStorageSync('date');
    verdict.add('removed', wx.getStorageInfoSync().keys.join() === 'object', wx.getStorageInfoSync().keys);
  },
  system(verdict) {
    const info = wx.getSystemInfoSync();
    verdict.add('window below the bar', info.windowHeight < info.screenHeight && info.windowWidth === 375, info);
    verdict.add('safe area', info.safeArea.top === info.statusBarHeight && info.safeArea.height > 0, info.safeArea);
    const capsule = wx.getMenuButtonBoundingClientRect();
    verdict.add('capsule', capsule.right <= info.windowWidth && capsule.bottom - capsule.top === capsule.height, capsule);
    verdict.add('window info', wx.getWindowInfo().windowHeight === info.windowHeight, wx.getWindowInfo());
    verdict.add('language', /^(zh_CN|en)$/.test(wx.getAppBaseInfo().language), wx.getAppBaseInfo());
    verdict.add('theme, with darkmode on', /^(light|dark)$/.test(wx.getAppBaseInfo().theme), wx.getAppBaseInfo());
    verdict.add('device', typeof wx.getDeviceInfo().platform === 'string', wx.getDeviceInfo());
    verdict.add('appid', /^wx/.test(wx.getAccountInfoSync().miniProgram.appId), wx.getAccountInfoSync());
    verdict.add('launch options', typeof wx.getLaunchOptionsSync().scene === 'number', wx.getLaunchOptionsSync());
    verdict.add('enter options', typeof wx.getEnterOptionsSync().path === 'string', wx.getEnterOptionsSync());
  },
  small(verdict) {
    const bytes = wx.base64ToArrayBuffer('aGVsbG8=');
    verdict.add('base64', bytes.byteLength === 5 && wx.arrayBufferToBase64(bytes) === 'aGVsbG8=', bytes.byteLength);
    verdict.add('canIUse', wx.canIUse('request') && !wx.canIUse('chooseImage') && !wx.canIUse('nonsense'), 'canIUse');
    verdict.add('env', typeof wx.env.USER_DATA_PATH === 'string', wx.env);
    verdict.add('update manager', typeof wx.getUpdateManager().onUpdateReady === 'function', 'no');
    verdict.add('log manager', typeof wx.getLogManager().info === 'function', 'no');
    verdict.add('a function that WeChat has not is not there', wx.nonsense === undefined, typeof wx.nonsense);
    verdict.throws('what cannot be had at once throws', () => wx.createInnerAudioContext(), 'not supported');
  },
  async promises(verdict) {
    const set = await wx.setStorage({ key: 'k', data: 1 });
    verdict.add('a promise without callbacks', set.errMsg === 'setStorage:ok', set);
    const given = wx.getStorage({ key: 'k', success: () => {} });
    verdict.add('no promise with callbacks', given === undefined, typeof given);
    const missing = await wx.getStorage({ key: 'none' }).catch((error) => error);
    verdict.add('data not found', missing.errMsg === 'getStorage:fail data not found', missing);
    const unsupported = await wx.chooseImage().catch((error) => error);
    verdict.add('what is not there says so', unsupported.errMsg === 'chooseImage:fail not supported on the virtual phone', unsupported);
    const network = await wx.getNetworkType();
    verdict.add('network', network.networkType === 'wifi', network);
    const random = await wx.getRandomValues({ length: 16 });
    verdict.add('random values', random.randomValues.byteLength === 16, random);
    await wx.setClipboardData({ data: 'copied' });
    const clipboard = await wx.getClipboardData();
    verdict.add('clipboard', clipboard.data === 'copied', clipboard);
    await this.logins(verdict);
    const order = [];
    await new Promise((resolve) => {
      wx.getSystemInfo({ success: () => order.push('success'), complete: () => resolve(order.push('complete')) });
      order.push('called');
    });
    verdict.add('callbacks come later, complete last', order.join() === 'called,success,complete', order);
    await new Promise((resolve) => wx.nextTick(resolve));
    verdict.add('nextTick', true, '');
  },
  async logins(verdict) {
    const { code, errMsg } = await wx.login();
    verdict.add('login', typeof code === 'string' && code.length > 0 && errMsg === 'login:ok', errMsg);
    const session = await wx.checkSession();
    verdict.add('session', session.errMsg === 'checkSession:ok', session);
  },
});
