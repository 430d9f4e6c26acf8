/** Columns to choose from, in a sheet from the bottom: what `<picker>` opens. */

import { button, el } from '../dom.js';
import { word } from '../words.js';
import { dialog, openLayer, veil } from './layer.js';

/**
 * @param {object} wish
 * @param {() => string[][]} wish.columns asked for again after each change
 * @param {number[]} wish.at
 * @param {string} [wish.title]
 * @param {(column: number, at: number[]) => void} [wish.changed] may change `at`, and what `columns` answers
 * @returns {Promise<number[] | null>} nothing when it is left
 */
export function chooseColumns({ columns, at: first, title = '', changed }) {
  return new Promise((resolve) => {
    const at = [...first];
    const place = el('div', { class: 'picker-columns' });
    const finish = (value) => {
      close();
      resolve(value);
    };
    const mark = (column, index) => {
      at[column] = index;
      changed?.(column, at);
      draw();
    };
    const draw = () => {
      const lists = columns();
      lists.forEach((list, column) => {
        at[column] = Math.max(0, Math.min(list.length - 1, at[column] ?? 0));
      });
      place.replaceChildren(...lists.map((list, column) => listbox(list, at[column], (index) => mark(column, index))));
      for (const row of place.querySelectorAll('[aria-selected="true"]')) row.scrollIntoView({ block: 'center' });
    };
    const box = dialog('picker-panel', title || word('confirm'),
      el('div', { class: 'picker-head' },
        button({ onclick: () => finish(null) }, word('cancel')), el('h2', {}, title),
        button({ class: 'picker-done', onclick: () => finish(at) }, word('confirm'))),
      place);
    const node = el('div', { class: 'layer bottom' }, veil(() => finish(null)), box);
    const close = openLayer(node, { focus: box, escape: () => finish(null) });
    draw();
  });
}

function listbox(texts, chosen, mark) {
  const row = (text, index) => {
    const says = { role: 'option', 'aria-selected': String(index === chosen) };
    return button({ class: 'picker-row', ...says, onclick: () => mark(index) }, text);
  };
  return el('div', { class: 'picker-rows', role: 'listbox' }, ...texts.map(row));
}
