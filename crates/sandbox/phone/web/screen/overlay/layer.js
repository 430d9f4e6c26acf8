/** The layer above the pages, where the phone itself speaks. One dialog at a time has the keyboard. */

import { el } from '../dom.js';
import { cancelPress } from '../gestures.js';

const UNDER = ['pages', 'chrome', 'tab-bar'];
let open = 0;

/**
 * Shows a dialog, keeps keyboard and readers inside it, and gives the focus back.
 *
 * @param {HTMLElement} node
 * @param {{ focus?: HTMLElement | null, escape?: () => void }} [options]
 * @returns {() => void} takes it away
 */
export function openLayer(node, { focus = null, escape } = {}) {
  const before = document.activeElement;
  cancelPress();
  open += 1;
  seal();
  document.getElementById('overlay').append(node);
  (focus ?? node).focus({ preventScroll: true });
  const keys = (event) => {
    if (event.key === 'Escape' && escape) escape();
  };
  node.addEventListener('keydown', keys);
  let gone = false;
  return () => {
    if (gone) return;
    gone = true;
    node.remove();
    open -= 1;
    seal();
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  };
}

function seal() {
  for (const id of UNDER) document.getElementById(id).inert = open > 0;
}

/** A box that readers announce as a dialog. */
export function dialog(className, label, ...children) {
  const says = { role: 'dialog', 'aria-modal': 'true', 'aria-label': label, tabindex: '-1' };
  return el('div', { class: className, ...says }, ...children);
}

/** A dark veil that closes what lies on it when it is touched. */
export function veil(close) {
  return el('div', { class: 'veil', onclick: close ?? (() => {}) });
}
