/** The mini program's style sheet, with the media conditions of the theme decided here. */

import { remoteImage } from './paths.js';
import { convertHeights } from './units.js';

const SCHEME = /\(\s*prefers-color-scheme\s*:\s*(dark|light|no-preference)\s*\)/g;
/** Feature queries that always and never hold; they fit wherever the original stood. */
const HOLDS = '(min-width: 0px)';
const FAILS = '(max-width: 0px)';

const REMOTE = /url\(\s*(['"]?)((?:https?:)?\/\/[^'")\s]+)\1\s*\)/g;
/** How the compiler keeps a page's rules apart. A scope's own root is no match for plain selectors in
 * it, so the window around the page takes its place; otherwise `page {…}` of a page would be lost. */
const PAGE_SCOPE = /@scope\s*\(page\[data-route=/g;

const sheet = new CSSStyleSheet({ baseURL: `${location.origin}/phone/app/files/` });
let source = '';

/** @param {string} css as compiled @param {'light' | 'dark'} theme */
export function install(css, theme) {
  // Inside the pages only: the phone's own dialogs are no part of the mini program.
  source = `@scope (:is(#pages, #leaving)) {\n${adapted(css)}\n}`;
  applyTheme(theme);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

function adapted(css) {
  return convertHeights(css)
    .replace(PAGE_SCOPE, '@scope (.phone-window[data-page=')
    .replace(REMOTE, (_, _quote, address) => `url("${remoteImage(address.replace(/^\/\//, 'https://'))}")`);
}

/** The browser's own scheme cannot be forced from a page, so the conditions are rewritten. */
export function applyTheme(theme) {
  sheet.replaceSync(source.replace(SCHEME, (_, scheme) => (scheme === theme ? HOLDS : FAILS)));
}
