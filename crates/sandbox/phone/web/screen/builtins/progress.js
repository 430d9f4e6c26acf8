/** `<progress>`. */

import { el } from '../dom.js';
import { convertLengths } from '../units.js';
import { define } from './define.js';

export function progressTag() {
  return define('progress', {
    properties: {
      percent: Number, showInfo: Boolean, borderRadius: { type: String, value: '0', optionalTypes: [Number] },
      fontSize: { type: String, value: '16', optionalTypes: [Number] },
      strokeWidth: { type: String, value: '6', optionalTypes: [Number] },
      color: String, activeColor: String, backgroundColor: String,
      active: Boolean, activeMode: String, duration: Number,
    },
    observers: {
      '**': function look() {
        const { showInfo, borderRadius, strokeWidth, fontSize, color, activeColor, backgroundColor } = this.data;
        const part = Math.max(0, Math.min(100, Number(this.data.percent) || 0));
        this.getBackendElement().setAttribute('aria-valuenow', String(part));
        const [height, radius] = [length(strokeWidth), length(borderRadius)];
        this.track.style.cssText = `height:${height};border-radius:${radius};background:${backgroundColor}`;
        this.bar.style.cssText = `width:${part}%;background:${activeColor || color}`;
        this.info.textContent = showInfo ? `${part}%` : '';
        this.info.style.fontSize = length(fontSize);
      },
    },
    created(host) {
      this.bar = el('i', { class: 'phone-progress-bar' });
      this.track = el('span', { class: 'phone-progress-track' }, this.bar);
      this.info = el('span', { class: 'phone-progress-info' });
      host.append(this.track, this.info);
      host.setAttribute('role', 'progressbar');
    },
  });
}

function length(value) {
  return /^\d+(\.\d+)?$/.test(String(value)) ? `${value}px` : convertLengths(String(value));
}
