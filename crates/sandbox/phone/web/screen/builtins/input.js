/** `<input>` and `<textarea>`: a native field inside a host that templates can style. */

import { el } from '../dom.js';
import { convertLengths } from '../units.js';
import { define, scopedClasses } from './define.js';

/** Source: developers.weixin.qq.com/miniprogram/dev/component/input.html */
const DEFAULT_MAX_LENGTH = 140;
const MODES = { number: 'numeric', digit: 'decimal', idcard: 'text', tel: 'tel', text: 'text', nickname: 'text' };

const PROPERTIES = {
  value: { type: String, value: '', optionalTypes: [Number] },
  placeholder: String, placeholderStyle: String, placeholderClass: { type: String, value: 'input-placeholder' },
  disabled: Boolean, maxlength: { type: Number, value: DEFAULT_MAX_LENGTH }, focus: Boolean, autoFocus: Boolean,
  name: String, cursor: Number, cursorSpacing: Number, selectionStart: Number, selectionEnd: Number,
  adjustPosition: Boolean, holdKeyboard: Boolean, confirmHold: Boolean, confirmType: String,
  alwaysEmbed: Boolean, cursorColor: String,
};

export function inputTag() {
  return define('input', {
    properties: { ...PROPERTIES, type: { type: String, value: 'text' }, password: Boolean },
    observers: {
      ...observers(),
      'type, password': function mode(type, password) {
        this.field.type = password ? 'password' : 'text';
        this.field.inputMode = MODES[type] ?? 'text';
      },
    },
    created(host) {
      equip(this, host, el('input', { class: 'phone-field', autocomplete: 'off' }));
      this.field.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' || event.isComposing) return;
        this.triggerEvent('confirm', { value: this.field.value });
        if (!this.data.confirmHold) this.field.blur();
      });
    },
    attached: focusAtFirst,
    methods: methods(),
  });
}

export function textareaTag() {
  return define('textarea', {
    properties: {
      ...PROPERTIES, placeholderClass: { type: String, value: 'textarea-placeholder' },
      autoHeight: Boolean, showConfirmBar: Boolean, fixed: Boolean, disableDefaultPadding: Boolean,
    },
    observers: {
      ...observers(),
      autoHeight(auto) {
        this.getBackendElement().toggleAttribute('data-auto', auto);
        this.grow();
      },
    },
    created(host) {
      equip(this, host, el('textarea', { class: 'phone-field', rows: '1' }));
    },
    attached: focusAtFirst,
    methods: methods(),
  });
}

function observers() {
  return {
    value(value) {
      const text = String(value ?? '');
      if (this.field.value !== text) this.field.value = text;
      this.dress();
    },
    placeholder(text) {
      this.field.placeholder = text;
      this.hint.textContent = text;
    },
    'placeholderStyle, placeholderClass': function hintLook(style, names) {
      this.hint.style.cssText = convertLengths(style);
      this.hint.className = ['phone-hint', ...scopedClasses(this, names)].join(' ');
    },
    disabled(disabled) {
      this.field.disabled = disabled;
    },
    maxlength(length) {
      if (length < 0) this.field.removeAttribute('maxlength');
      else this.field.maxLength = length;
    },
    focus(wanted) {
      if (wanted) this.field.focus({ preventScroll: true });
      else if (document.activeElement === this.field) this.field.blur();
    },
    confirmType(type) {
      this.field.enterKeyHint = ['send', 'search', 'next', 'go', 'done'].includes(type) ? type : 'done';
    },
  };
}

/** The hint is an element of its own, since templates style it; the native one is there but not seen. */
function equip(component, host, field) {
  component.hint = el('div', { class: 'phone-hint', 'aria-hidden': 'true' });
  component.field = field;
  field.maxLength = DEFAULT_MAX_LENGTH;
  host.append(component.hint, field);
  field.addEventListener('input', () => component.typed());
  field.addEventListener('focus', () => component.triggerEvent('focus', { value: field.value, height: 0 }));
  field.addEventListener('blur', () => {
    component.triggerEvent('blur', { value: field.value, cursor: field.selectionEnd ?? 0 });
    component.triggerEvent('change', { value: field.value });
  });
}

function focusAtFirst() {
  this.grow();
  if (this.data.focus || this.data.autoFocus) this.field.focus({ preventScroll: true });
}

function methods() {
  return {
    typed() {
      const { value, selectionEnd } = this.field;
      this.setData({ value });
      const handleListenerReturn = (answer) => {
        const replaced = typeof answer === 'string' ? answer : answer?.value;
        if (typeof replaced === 'string') this.setData({ value: replaced });
      };
      const detail = { value, cursor: selectionEnd ?? value.length, keyCode: 0 };
      this.triggerEvent('input', detail, { handleListenerReturn });
      this.dress();
    },
    dress() {
      this.hint.hidden = this.field.value !== '';
      this.grow();
    },
    grow() {
      // Before it is on the page it has no height to grow to.
      if (!this.data.autoHeight || !this.field.isConnected) return;
      this.field.style.height = 'auto';
      this.field.style.height = `${this.field.scrollHeight}px`;
    },
    formValue() {
      return this.field.value;
    },
    resetValue() {
      this.setData({ value: '' });
    },
    activate() {
      if (!this.data.disabled) this.field.focus();
    },
  };
}
