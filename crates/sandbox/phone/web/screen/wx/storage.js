/** `wx.setStorage` and its like: JSON and dates, by value, within limits. */

import { callable, expect, Refusal } from './call.js';
import { clearData, keys, readText, removeText, writeText } from './store.js';

/** Source: developers.weixin.qq.com/miniprogram/dev/framework/ability/storage.html */
const MAX_KEY_BYTES = 1024 * 1024;
const MAX_BYTES = 10 * 1024 * 1024;
const KB = 1024;

export function storage() {
  const sync = {
    setStorageSync: (key, data) => set(text(key), data),
    getStorageSync: (key) => get(text(key)) ?? '',
    removeStorageSync: (key) => removeText(text(key)),
    clearStorageSync: () => clearData(),
    getStorageInfoSync: info,
  };
  return {
    ...sync,
    setStorage: callable('setStorage', (options) => set(expect(options, 'key', 'String'), options.data)),
    getStorage: callable('getStorage', (options) => {
      const data = get(expect(options, 'key', 'String'));
      if (data === undefined) throw new Refusal('data not found');
      return { data };
    }),
    removeStorage: callable('removeStorage', (options) => removeText(expect(options, 'key', 'String'))),
    clearStorage: callable('clearStorage', () => clearData()),
    getStorageInfo: callable('getStorageInfo', info),
  };
}

function text(key) {
  return expect({ key }, 'key', 'String');
}

/** A value goes to the phone's store as text, so that nobody shares an object with it. */
function set(key, data) {
  const written = JSON.stringify(data instanceof Date ? { date: data.getTime() } : { data });
  // Words of the two limits are uncertain; their sizes are documented.
  if (written.length > MAX_KEY_BYTES) throw new Refusal('exceed storage item max length');
  const others = size() - (readText(key)?.length ?? 0);
  if (others + written.length > MAX_BYTES) throw new Refusal('exceed storage max size 10Mb');
  writeText(key, written);
}

function get(key) {
  const written = readText(key);
  if (written === null) return undefined;
  const { date, data } = JSON.parse(written);
  return date === undefined ? data : new Date(date);
}

function size() {
  return keys().reduce((sum, key) => sum + key.length + readText(key).length, 0);
}

function info() {
  return { keys: keys(), currentSize: Math.ceil(size() / KB), limitSize: MAX_BYTES / KB };
}
