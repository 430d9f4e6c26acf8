/** Small things. */

import { guarded } from '../errors.js';
import { showToast } from '../overlay/toast.js';
import { choose } from '../words.js';
import { callable, expect, Refusal } from './call.js';

/** Source: developers.weixin.qq.com/miniprogram/dev/api/base/crypto/wx.getRandomValues.html */
const MAX_RANDOM_BYTES = 1024 * 1024;
/** What `crypto` gives at once. */
const RANDOM_CHUNK = 65_536;

/** The clipboard of this phone; a browser's own would ask its user first. */
let clipboard = '';

export function helpers() {
  return {
    env: Object.freeze({ USER_DATA_PATH: 'http://usr' }),
    nextTick: (callback) => queueMicrotask(() => guarded(callback)),
    setClipboardData: callable('setClipboardData', (options) => {
      clipboard = expect(options, 'data', 'String');
      showToast({ title: choose('内容已复制', 'Copied') });
    }),
    getClipboardData: callable('getClipboardData', () => ({ data: clipboard })),
    getRandomValues: callable('getRandomValues', ({ length }) => ({ randomValues: random(length) })),
    arrayBufferToBase64: (buffer) => (
      btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(''))),
    base64ToArrayBuffer: (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer,
    getUpdateManager: () => ({
      // The newest version is the one that runs: a file that changes reloads the phone.
      applyUpdate: () => {},
      onCheckForUpdate: (listener) => queueMicrotask(() => guarded(() => listener({ hasUpdate: false }))),
      onUpdateReady: () => {},
      onUpdateFailed: () => {},
    }),
    getLogManager: () => logger(['debug', 'info', 'log', 'warn']),
    getRealtimeLogManager: () => ({
      ...logger(['info', 'warn', 'error']), setFilterMsg: () => {}, addFilterMsg: () => {}, in: () => {},
    }),
  };
}

function random(length) {
  const many = Math.trunc(Number(length));
  if (!(many >= 1 && many <= MAX_RANDOM_BYTES)) throw new Refusal('parameter error: parameter.length is out of range');
  const bytes = new Uint8Array(many);
  for (let at = 0; at < many; at += RANDOM_CHUNK) crypto.getRandomValues(bytes.subarray(at, at + RANDOM_CHUNK));
  return bytes.buffer;
}

function logger(levels) {
  return Object.fromEntries(levels.map((level) => [level, (...values) => console[level](...values)]));
}
