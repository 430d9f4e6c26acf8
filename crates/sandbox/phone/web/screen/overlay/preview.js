/** `wx.previewImage`: one picture after the other, on black; a tap puts them away. */

import { button, el } from '../dom.js';
import { imageAddress } from '../paths.js';
import { choose, word } from '../words.js';
import { dialog, openLayer } from './layer.js';

/** @param {string[]} urls @param {number} first */
export function preview(urls, first) {
  let at = first;
  const picture = el('img', { alt: '' });
  const count = el('span', { class: 'preview-count' });
  const show = (index) => {
    at = (index + urls.length) % urls.length;
    picture.src = imageAddress(urls[at], '');
    count.textContent = urls.length > 1 ? `${at + 1} / ${urls.length}` : '';
  };
  const turn = (name, way, label) => {
    const says = { class: `preview-turn ${name}`, 'aria-label': label };
    return urls.length > 1 && button({ ...says, onclick: () => show(at + way) }, way < 0 ? '‹' : '›');
  };
  const box = dialog('preview', choose('图片', 'Picture'),
    button({ class: 'preview-close', 'aria-label': word('close'), onclick: () => close() }, picture), count,
    turn('back', -1, choose('上一张', 'Previous')), turn('next', 1, choose('下一张', 'Next')));
  const close = openLayer(el('div', { class: 'layer' }, box), { focus: box, escape: () => close() });
  show(at);
}
