/** `<icon>`: strokes of our own for WeChat's names. */

import { drawing } from '../dom.js';
import { convertLengths } from '../units.js';
import { define } from './define.js';

const DISC = 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Z';
const KINDS = {
  success: { disc: '#07c160', path: 'm7 12.4 3.4 3.4L17 9' },
  success_no_circle: { line: '#07c160', path: 'm4 12.5 5.4 5.4L20 7' },
  success_circle: { line: '#07c160', path: `${DISC}m7 12.4 3.4 3.4L17 9` },
  info: { disc: '#10aeff', path: 'M12 10.5v6.5M12 7v.3' },
  info_circle: { line: '#10aeff', path: `${DISC}M12 10.5v6.5M12 7v.3` },
  warn: { disc: '#fa5151', path: 'M12 6.5v7M12 16.8v.3' },
  waiting: { disc: '#10aeff', path: 'M12 6.5V12l3.6 2.4' },
  waiting_circle: { line: '#10aeff', path: `${DISC}M12 6.5V12l3.6 2.4` },
  cancel: { disc: '#fa5151', path: 'm8.2 8.2 7.6 7.6M15.8 8.2l-7.6 7.6' },
  clear: { disc: '#b2b2b2', path: 'm8.2 8.2 7.6 7.6M15.8 8.2l-7.6 7.6' },
  download: { line: '#07c160', path: 'M12 4v11M7.5 10.5 12 15l4.5-4.5M5 19.5h14' },
  circle: { line: '#c9c9c9', path: DISC },
  search: { line: '#b2b2b2', path: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM15.3 15.3 20 20' },
};

export function iconTag() {
  return define('icon', {
    properties: { type: String, size: { type: Number, value: 23, optionalTypes: [String] }, color: String },
    observers: {
      'type, size, color': function look(type, size, color) {
        const host = this.getBackendElement();
        const kind = KINDS[type];
        host.replaceChildren();
        if (!kind) return;
        const svg = drawing(kind.path, { class: kind.disc ? 'phone-drawing disc' : 'phone-drawing' });
        const [side, tone] = [length(size), color || kind.disc || kind.line];
        svg.style.cssText = `width:${side};height:${side};--phone-tone:${tone}`;
        host.append(svg);
      },
    },
    created(host) {
      host.setAttribute('role', 'img');
    },
  });
}

function length(size) {
  const plain = /^\d+(\.\d+)?$/.test(String(size));
  return plain ? `${size}px` : convertLengths(String(size));
}
