/** `<checkbox>`, `<radio>` and their groups. */

import { el } from '../dom.js';
import { around, define } from './define.js';

export function checkTags() {
  return [
    ['checkbox', controlTag('checkbox')], ['radio', controlTag('radio')],
    ['checkbox-group', groupTag('checkbox-group', 'checkbox', allChecked)],
    ['radio-group', groupTag('radio-group', 'radio', (controls) => allChecked(controls)[0] ?? '')],
  ];
}

function controlTag(tag) {
  return define(tag, {
    properties: { value: String, checked: Boolean, disabled: Boolean, color: String },
    observers: {
      'checked, disabled, color': function look(checked, disabled, color) {
        const host = this.getBackendElement();
        host.setAttribute('aria-checked', String(checked));
        host.setAttribute('aria-disabled', String(disabled));
        host.tabIndex = disabled ? -1 : 0;
        this.mark.style.setProperty('--phone-on', color || '');
      },
    },
    created(host) {
      this.mark = el('span', { class: tag === 'radio' ? 'phone-check round' : 'phone-check', 'aria-hidden': 'true' });
      host.prepend(this.mark);
      host.setAttribute('role', tag);
      host.setAttribute('aria-checked', 'false');
      host.tabIndex = 0;
      this.addListener('tap', () => this.activate());
    },
    methods: {
      activate() {
        const { disabled, checked } = this.data;
        if (disabled || (tag === 'radio' && checked)) return;
        const group = around(this, `${tag}-group`);
        if (tag === 'radio') group?.clear();
        this.setData({ checked: !checked });
        group?.changed();
      },
    },
  });
}

function groupTag(tag, control, read) {
  return define(tag, {
    properties: { name: String },
    created(host) {
      host.setAttribute('role', control === 'radio' ? 'radiogroup' : 'group');
    },
    methods: {
      controls() {
        return [...this.getBackendElement().querySelectorAll(control)].map((element) => element.__wxElement);
      },
      changed() {
        this.triggerEvent('change', { value: read(this.controls()) });
      },
      clear() {
        for (const one of this.controls()) one.setData({ checked: false });
      },
      formValue() {
        return read(this.controls());
      },
      resetValue() {
        this.clear();
      },
    },
  });
}

function allChecked(controls) {
  return controls.filter(({ data }) => data.checked).map(({ data }) => data.value);
}
