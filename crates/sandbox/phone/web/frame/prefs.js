/** Language and theme: what a person chose, kept in this browser. */

import { WORDS } from './words.js';

const LANGUAGES = ['zh', 'en'];
const THEMES = ['system', 'light', 'dark'];
const listeners = new Set();
const dark = matchMedia('(prefers-color-scheme: dark)');

export const prefs = {
  language: stored('shouyin.language', LANGUAGES) ?? (navigator.language.startsWith('zh') ? 'zh' : 'en'),
  theme: stored('shouyin.theme', THEMES) ?? 'system',
};

/** A browser that refuses storage still gets a page; it only forgets. */
function stored(key, allowed) {
  try {
    const value = localStorage.getItem(key);
    return allowed.includes(value) ? value : null;
  } catch {
    return null;
  }
}

function keep(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Nothing to do: the choice holds until the page is left.
  }
}

/** @param {(changed: 'language' | 'theme') => void} listener */
export function onPreference(listener) {
  listeners.add(listener);
}

/** @param {'zh' | 'en'} language */
export function setLanguage(language) {
  prefs.language = language;
  keep('shouyin.language', language);
  apply();
  for (const listener of listeners) listener('language');
}

/** @param {'system' | 'light' | 'dark'} theme */
export function setTheme(theme) {
  prefs.theme = theme;
  keep('shouyin.theme', theme);
  apply();
  for (const listener of listeners) listener('theme');
}

/** The theme that is seen now. */
export function shownTheme() {
  if (prefs.theme !== 'system') return prefs.theme;
  return dark.matches ? 'dark' : 'light';
}

/**
 * A word in the chosen language. `{name}` in it is replaced by `values.name`.
 *
 * @param {keyof typeof WORDS} key
 * @param {Record<string, string | number>} [values]
 */
export function word(key, values = {}) {
  const [zh, en] = WORDS[key] ?? [key, key];
  const text = prefs.language === 'zh' ? zh : en;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
}

/**
 * The chosen half of a pair that the sandbox wrote.
 *
 * @param {{ zh: string, en: string } | null | undefined} pair
 */
export function said(pair) {
  return pair ? (pair[prefs.language] ?? pair.zh ?? pair.en ?? '') : '';
}

/**
 * The chosen half as a sentence of its own: English ones begin with a capital, names of calls stay.
 *
 * @param {{ zh: string, en: string } | null | undefined} pair
 */
export function sentence(pair) {
  const text = said(pair);
  return prefs.language === 'en' && /^[a-z]+[ ,']/.test(text) ? text[0].toUpperCase() + text.slice(1) : text;
}

/** Puts words where the page asks for them, and the theme on the root. */
export function apply(root = document) {
  document.documentElement.lang = prefs.language === 'zh' ? 'zh-CN' : 'en';
  document.documentElement.dataset.theme = prefs.theme;
  for (const node of root.querySelectorAll('[data-word]')) {
    node.textContent = word(node.dataset.word);
  }
  for (const node of root.querySelectorAll('[data-name]')) {
    node.setAttribute('aria-label', word(node.dataset.name));
    node.setAttribute('title', word(node.dataset.name));
  }
}
