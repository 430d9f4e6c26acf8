/** This phone: whose it is, what it knows of the host, and what its owner has switched. */

import { Signal } from './signal.js';

const SYSTEM_DARK = matchMedia('(prefers-color-scheme: dark)');
/** Where the frame keeps the language; a screen that is opened alone follows it too. */
const LANGUAGE_KEY = 'shouyin.language';

const changes = { theme: new Signal(), language: new Signal(), network: new Signal() };

export const device = {
  user: new URLSearchParams(location.search).get('user') || 'demo',
  /** @type {{ appid: string, merchant_name: string, users: any[], [other: string]: any }} */
  host: { appid: '', merchant_name: '', users: [] },
  /** @type {'online' | 'offline' | 'slow'} */
  network: 'online',
  language: ownLanguage(),
  /** @type {'system' | 'light' | 'dark'} */
  wantedTheme: 'system',
};

/** What the person sees now: `light` or `dark`. */
export function shownTheme() {
  if (device.wantedTheme !== 'system') return device.wantedTheme;
  return SYSTEM_DARK.matches ? 'dark' : 'light';
}

/**
 * @param {'theme' | 'language' | 'network'} what
 * @param {(value: string) => void} listener
 */
export function onDevice(what, listener) {
  changes[what].on(listener);
}

export function setTheme(theme) {
  change('theme', () => {
    device.wantedTheme = ['light', 'dark'].includes(theme) ? theme : 'system';
  }, shownTheme);
}

export function setLanguage(language) {
  change('language', () => {
    device.language = language === 'en' ? 'en' : 'zh';
  }, () => device.language);
}

export function setNetwork(mode) {
  change('network', () => {
    device.network = ['offline', 'slow'].includes(mode) ? mode : 'online';
  }, () => device.network);
}

function change(what, apply, now) {
  const before = now();
  apply();
  if (now() !== before) changes[what].tell(now());
}

SYSTEM_DARK.addEventListener('change', () => {
  if (device.wantedTheme === 'system') changes.theme.tell(shownTheme());
});

function ownLanguage() {
  let kept = null;
  try {
    kept = localStorage.getItem(LANGUAGE_KEY);
  } catch {
    // A browser that refuses storage: its own language has to do.
  }
  return (kept ?? navigator.language).startsWith('zh') ? 'zh' : 'en';
}
