/** `<button>`: a real one, with WeChat's looks and its part in forms. */

import { around, define } from './define.js';
import { openFor } from './open-types.js';

export function buttonTag() {
  return define('button', {
    properties: {
      size: { type: String, value: 'default' }, type: { type: String, value: 'default' },
      plain: Boolean, disabled: Boolean, loading: Boolean,
      formType: String, openType: String, hoverClass: { type: String, value: 'button-hover' },
      hoverStopPropagation: Boolean, hoverStartTime: Number, hoverStayTime: Number, lang: String, name: String,
    },
    observers: {
      'size, type, plain, loading': function look(size, type, plain, loading) {
        const host = this.getBackendElement();
        host.dataset.look = [size === 'mini' && 'mini', type, plain && 'plain'].filter(Boolean).join(' ');
        host.toggleAttribute('data-loading', loading);
      },
      disabled(disabled) {
        this.getBackendElement().disabled = disabled;
      },
    },
    created(host) {
      host.type = 'button';
      this.addListener('tap', () => this.act());
    },
    attached() {
      // As a block it fills its place, which a browser's own button does not do by itself.
      const { display } = getComputedStyle(this.getBackendElement().parentElement);
      this.getBackendElement().toggleAttribute('data-fills', !/flex|grid/.test(display));
    },
    methods: {
      act() {
        const { formType, openType } = this.data;
        if (openType) openFor(this, openType);
        const form = formType ? around(this, 'wx-form') : null;
        if (formType === 'submit') form?.submit(this);
        else if (formType === 'reset') form?.reset();
      },
      hoverClass() {
        const { disabled, loading, hoverClass } = this.data;
        return disabled || loading ? 'none' : hoverClass;
      },
      /** A label around it passes taps on. */
      activate() {
        if (!this.data.disabled) this.triggerEvent('tap', {}, { bubbles: true, composed: true, capturePhase: true });
      },
    },
  });
}
