/** `<picker mode="selector">`: one of a list, in a sheet from the bottom. */

import { button, el } from '../dom.js';
import { dialog, openLayer, veil } from '../overlay/layer.js';
import { word } from '../words.js';
import { define } from './define.js';

export function pickerTag() {
  return define('picker', {
    properties: {
      mode: { type: String, value: 'selector' }, range: { type: Array, value: [] }, rangeKey: String,
      value: { type: Number, value: 0, optionalTypes: [String] }, disabled: Boolean, headerText: String, name: String,
    },
    created() {
      this.addListener('tap', () => this.activate());
    },
    methods: {
      async activate() {
        const { disabled, mode, range, rangeKey, headerText } = this.data;
        if (disabled) return;
        if (mode !== 'selector') {
          console.warn(`<picker mode="${mode}">: not supported on the virtual phone`);
          return;
        }
        const texts = (range ?? []).map((item) => String((rangeKey ? item?.[rangeKey] : item) ?? ''));
        const chosen = await choose(texts, Number(this.data.value) || 0, headerText);
        if (chosen === null) {
          this.triggerEvent('cancel', {});
          return;
        }
        this.setData({ value: chosen });
        this.triggerEvent('change', { value: String(chosen) });
      },
      formValue() {
        return String(this.data.value);
      },
      resetValue() {
        this.setData({ value: 0 });
      },
    },
  });
}

function choose(texts, current, title) {
  return new Promise((resolve) => {
    let at = current;
    const rows = texts.map((text, index) => (
      button({ class: 'picker-row', role: 'option', onclick: () => mark(index) }, text)
    ));
    const mark = (index) => {
      at = index;
      rows.forEach((row, place) => row.setAttribute('aria-selected', String(place === index)));
      rows[index]?.scrollIntoView({ block: 'center' });
    };
    const finish = (value) => {
      close();
      resolve(value);
    };
    const done = () => finish(texts.length > 0 ? at : null);
    const box = dialog('picker-panel', title || word('confirm'),
      el('div', { class: 'picker-head' },
        button({ onclick: () => finish(null) }, word('cancel')), el('h2', {}, title),
        button({ class: 'picker-done', onclick: done }, word('confirm'))),
      el('div', { class: 'picker-rows', role: 'listbox' }, ...rows));
    const node = el('div', { class: 'layer bottom' }, veil(() => finish(null)), box);
    const close = openLayer(node, { focus: box, escape: () => finish(null) });
    mark(current);
  });
}
