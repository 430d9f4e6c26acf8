/** `<switch>`. */

import { el } from '../dom.js';
import { define } from './define.js';

export function switchTag() {
  return define('switch', {
    properties: {
      checked: Boolean, disabled: Boolean, type: { type: String, value: 'switch' }, color: String, name: String,
    },
    observers: {
      'checked, disabled, type, color': function look(checked, disabled, type, color) {
        const host = this.getBackendElement();
        host.setAttribute('role', type === 'checkbox' ? 'checkbox' : 'switch');
        host.setAttribute('aria-checked', String(checked));
        host.setAttribute('aria-disabled', String(disabled));
        host.tabIndex = disabled ? -1 : 0;
        this.track.className = type === 'checkbox' ? 'phone-check' : 'phone-track';
        this.track.style.setProperty('--phone-on', color || '');
      },
    },
    created(host) {
      this.track = el('span', { class: 'phone-track', 'aria-hidden': 'true' });
      host.append(this.track);
      host.setAttribute('role', 'switch');
      host.setAttribute('aria-checked', 'false');
      host.tabIndex = 0;
      this.addListener('tap', () => this.activate());
    },
    methods: {
      activate() {
        if (this.data.disabled) return;
        this.setData({ checked: !this.data.checked });
        this.triggerEvent('change', { value: this.data.checked });
      },
      formValue() {
        return this.data.checked;
      },
      resetValue() {
        this.setData({ checked: false });
      },
    },
  });
}
