/** `wx.showModal`. */

import { button, el } from '../dom.js';
import { openLayer, veil } from './layer.js';
import { word } from '../words.js';

const COLOUR = /^#[0-9a-f]{3,8}$/i;

/**
 * @param {Record<string, any>} wish
 * @returns {Promise<{ confirm: boolean, cancel: boolean, content: string | null }>}
 */
export function showModal({
  title = '', content = '', showCancel = true, cancelText, confirmText, cancelColor, confirmColor,
  editable = false, placeholderText = '',
}) {
  return new Promise((resolve) => {
    const field = editable ? el('input', { class: 'modal-field', placeholder: placeholderText, 'aria-label': title || placeholderText }) : null;
    if (field) field.value = content;
    const finish = (confirm) => {
      close();
      resolve({ confirm, cancel: !confirm, content: confirm && field ? field.value : null });
    };
    const yes = button({ class: 'modal-yes', onclick: () => finish(true) }, confirmText || word('confirm'));
    const no = showCancel && button({ class: 'modal-no', onclick: () => finish(false) }, cancelText || word('cancel'));
    paint(yes, confirmColor);
    paint(no, cancelColor);
    const node = el('div', { class: 'layer centered' }, veil(),
      el('div', { class: 'modal', role: 'alertdialog', 'aria-modal': 'true', 'aria-label': title || content, tabindex: '-1' },
        title && el('h2', {}, title), field ?? (content && el('p', { class: title ? '' : 'alone' }, content)),
        el('div', { class: 'modal-buttons' }, no, yes)));
    const close = openLayer(node, { focus: field ?? yes, escape: () => showCancel && finish(false) });
  });
}

function paint(node, colour) {
  if (node && COLOUR.test(colour ?? '')) node.style.color = colour;
}
