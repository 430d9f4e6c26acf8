/** `wx` as a phone has it: callbacks come in a later turn, and every argument may be missing. */
import { randomBytes } from 'node:crypto';

const BASE_URL = 'https://tea.example.com';

/** @param {import('./phone.js').Phone} phone */
export function makeWx(phone) {
  const { clock, shop } = phone;
  const listeners = new Set();
  const api = {};

  /** An asynchronous call: `work` returns the result, or throws the `errMsg` of the failure. */
  const define = (name, work) => {
    api[name] = (options = {}) => {
      phone.said.push({ name, options });
      const call = (callback, result) => callback && callback(result);
      const end = (result, how) => {
        const told = { errMsg: `${name}:${how}`, ...result };
        clock.later(() => {
          call(how === 'ok' ? options.success : options.fail, told);
          call(options.complete, told);
        });
      };
      clock.later(() => Promise.resolve().then(() => work(options)).then(
        (result) => (result === NEVER ? undefined : end(result, 'ok')),
        (failure) => end({ errMsg: `${name}:fail ${failure.message}` }, 'fail'),
      ));
    };
  };

  define('login', () => {
    const code = `code-${phone.said.length}`;
    shop.codes.add(code);
    return { code };
  });
  define('request', (options) => {
    if (!options.url.startsWith(`${BASE_URL}/`)) {
      throw new Error('url not in domain list');
    }
    if (!phone.online) {
      throw new Error('');
    }
    const path = options.url.slice(BASE_URL.length);
    const { method = 'GET', header = {}, data } = options;
    const answer = shop.handle({ method, path, header, data });
    if (!answer) {
      throw new Error('timeout');
    }
    // What crosses to the phone is JSON: neither side sees the other's objects change.
    return structuredClone(answer);
  });
  define('requestPayment', (options) => phone.cashierOpens(options));
  define('getRandomValues', ({ length }) => {
    return { randomValues: new Uint8Array(randomBytes(length)).buffer };
  });
  define('getNetworkType', () => ({ networkType: phone.online ? 'wifi' : 'none' }));
  define('showModal', () => phone.modal());
  for (const name of ['showToast', 'hideToast', 'showLoading', 'hideLoading', 'setNavigationBarTitle',
    'stopPullDownRefresh', 'setClipboardData', 'vibrateShort']) {
    define(name, () => ({}));
  }
  define('navigateTo', ({ url }) => phone.go(url, 'push'));
  define('redirectTo', ({ url }) => phone.go(url, 'replace'));
  define('reLaunch', ({ url }) => phone.go(url, 'clear'));
  define('navigateBack', () => phone.back());

  return Object.assign(api, {
    getStorageSync: (key) => structuredClone(phone.storage.has(key) ? phone.storage.get(key) : ''),
    setStorageSync: (key, value) => void phone.storage.set(key, JSON.parse(JSON.stringify(value))),
    removeStorageSync: (key) => void phone.storage.delete(key),
    getAppBaseInfo: () => ({ language: phone.language }),
    getSystemInfoSync: () => ({ language: phone.language }),
    onNetworkStatusChange: (listener) => listeners.add(listener),
    offNetworkStatusChange: (listener) => listeners.delete(listener),
    tellNetwork: (isConnected) => listeners.forEach((listener) => listener({ isConnected })),
    listeners: () => listeners.size,
  });
}

/** A call that never calls back, as when the phone kills the mini program in the cashier. */
export const NEVER = Symbol('never');
