/** A list that comes up from the bottom: `wx.showActionSheet`, and the phone's own menu. */

import { button, el } from '../dom.js';
import { dialog, openLayer, veil } from './layer.js';
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
    const box = dialog('actions', title || items.join('、'),
      title && el('p', { class: 'actions-title' }, title), ...rows,
      button({ class: 'actions-cancel', onclick: () => finish(null) }, word('cancel')));
    const node = el('div', { class: 'layer bottom' }, veil(() => finish(null)), box);
    const close = openLayer(node, { focus: box, escape: () => finish(null) });
  });
}
