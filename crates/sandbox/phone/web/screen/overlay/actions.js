/** A list that comes up from the bottom: `wx.showActionSheet`, and the phone's own menu. */

import { button, el } from '../dom.js';
import { openLayer, veil } from './layer.js';
import { word } from '../words.js';

/**
 * @param {string[]} items
 * @param {{ colour?: string, title?: string }} [options]
 * @returns {Promise<number | null>} which one; null when it was left
 */
export function chooseAction(items, { colour = '', title = '' } = {}) {
  return new Promise((resolve) => {
    const finish = (index) => {
      close();
      resolve(index);
    };
    const rows = items.map((item, index) => button({ onclick: () => finish(index) }, item));
    for (const row of rows) row.style.color = colour;
    const node = el('div', { class: 'layer bottom' }, veil(() => finish(null)),
      el('div', { class: 'actions', role: 'dialog', 'aria-modal': 'true', 'aria-label': title || items.join('、'), tabindex: '-1' },
        title && el('p', { class: 'actions-title' }, title), ...rows,
        button({ class: 'actions-cancel', onclick: () => finish(null) }, word('cancel'))));
    const close = openLayer(node, { focus: node.querySelector('.actions'), escape: () => finish(null) });
  });
}
