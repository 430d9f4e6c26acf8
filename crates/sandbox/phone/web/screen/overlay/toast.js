/** `wx.showToast` and `wx.showLoading`: they share one place, and the later one has it. */

import { drawing, el } from '../dom.js';
import { imageAddress } from '../paths.js';

const PICTURES = {
  success: 'm5 12.5 4.8 4.8L19.5 7.5',
  error: 'M12 6.5v7.2M12 17.3v.2',
};
/** Source: developers.weixin.qq.com/miniprogram/dev/api/ui/interaction/wx.showToast.html */
const DEFAULT_MS = 1500;

let current = null;

/** @param {{ title: string, icon?: string, image?: string, duration?: number, mask?: boolean }} wish */
export function showToast({ title, icon = 'success', image, duration = DEFAULT_MS, mask = false }) {
  place({ title, kind: image ? 'image' : icon, image, mask, loading: false });
  current.timer = setTimeout(hideToast, Number(duration) || DEFAULT_MS);
}

/** Stays until it is hidden. */
export function showLoading({ title, mask = false }) {
  place({ title, kind: 'loading', mask, loading: true });
}

export function hideToast() {
  if (!current) return;
  clearTimeout(current.timer);
  current.node.remove();
  current = null;
}

function place({ title, kind, image, mask, loading }) {
  hideToast();
  const node = el('div', { class: `toast-place${mask ? ' masked' : ''}` },
    el('div', { class: `toast ${kind}${loading ? ' is-loading' : ''}`, role: 'status' },
      picture(kind, image), el('p', {}, String(title ?? ''))));
  document.getElementById('overlay').append(node);
  current = { node, timer: null };
}

function picture(kind, image) {
  if (kind === 'image') return el('img', { src: imageAddress(image, ''), alt: '' });
  if (kind === 'loading') return el('span', { class: 'phone-spinner', 'aria-hidden': 'true' });
  return PICTURES[kind] ? drawing(PICTURES[kind]) : null;
}
