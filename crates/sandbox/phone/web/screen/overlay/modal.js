/** `wx.showModal`. */

import { button, el } from '../dom.js';
import { dialog, openLayer, veil } from './layer.js';
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
    const field = editable ? textField(content, placeholderText, title) : null;
    const finish = (confirm) => {
      close();
      resolve({ confirm, cancel: !confirm, content: confirm && field ? field.value : null });
    };
    const yes = button({ class: 'modal-yes', onclick: () => finish(true) }, confirmText || word('confirm'));
    const no = showCancel && button({ class: 'modal-no', onclick: () => finish(false) }, cancelText || word('cancel'));
    paint(yes, confirmColor);
    paint(no, cancelColor);
    const box = dialog('modal', title || content,
      title && el('h2', {}, title), field ?? (content && el('p', { class: title ? '' : 'alone' }, content)),
      el('div', { class: 'modal-buttons' }, no, yes));
    const node = el('div', { class: 'layer centered' }, veil(), box);
    const close = openLayer(node, { focus: field ?? yes, escape: () => showCancel && finish(false) });
  });
}

function textField(value, placeholder, title) {
  const field = el('input', { class: 'modal-field', placeholder, 'aria-label': title || placeholder });
  field.value = value;
  return field;
}

function paint(node, colour) {
  if (node && COLOUR.test(colour ?? '')) node.style.color = colour;
}
