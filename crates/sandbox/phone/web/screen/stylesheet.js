/** The mini program's style sheet, with the media conditions of the theme decided here. */

import { convertHeights } from './units.js';
import { remoteImage } from './paths.js';

const SCHEME = /\(\s*prefers-color-scheme\s*:\s*(dark|light|no-preference)\s*\)/g;
/** Feature queries that always and never hold; they fit wherever the original stood. */
const HOLDS = '(min-width: 0px)';
const FAILS = '(max-width: 0px)';

const REMOTE = /url\(\s*(['"]?)(https:\/\/[^'")\s]+)\1\s*\)/g;

const sheet = new CSSStyleSheet({ baseURL: `${location.origin}/phone/app/files/` });
let source = '';

/** @param {string} css as compiled @param {'light' | 'dark'} theme */
export function install(css, theme) {
  source = convertHeights(css).replace(REMOTE, (_, _quote, address) => `url("${remoteImage(address)}")`);
  applyTheme(theme);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/** The browser's own scheme cannot be forced from a page, so the conditions are rewritten. */
export function applyTheme(theme) {
  sheet.replaceSync(source.replace(SCHEME, (_, scheme) => (scheme === theme ? HOLDS : FAILS)));
}
