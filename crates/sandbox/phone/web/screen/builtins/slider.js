/** `<slider>`: a native one, in WeChat's colours. */

import { el } from '../dom.js';
import { define } from './define.js';

export function sliderTag() {
  return define('slider', {
    properties: {
      min: Number, max: { type: Number, value: 100 }, step: { type: Number, value: 1 }, value: Number,
      disabled: Boolean, showValue: Boolean, color: String, selectedColor: String, name: String,
      activeColor: { type: String, value: '#1aad19' }, backgroundColor: { type: String, value: '#e9e9e9' },
      blockSize: { type: Number, value: 28 }, blockColor: { type: String, value: '#ffffff' },
    },
    observers: {
      'min, max, step, value, disabled, showValue, activeColor, backgroundColor': function look(min, max, step, value) {
        Object.assign(this.range, { min, max, step: step > 0 ? step : 1, disabled: this.data.disabled });
        this.range.value = value;
        this.paint();
      },
    },
    created(host) {
      this.range = el('input', { type: 'range', class: 'phone-slider' });
      this.number = el('span', { class: 'phone-slider-value' });
      host.append(this.range, this.number);
      this.range.addEventListener('input', () => {
        this.paint();
        this.triggerEvent('changing', { value: Number(this.range.value) });
      });
      this.range.addEventListener('change', () => {
        const value = Number(this.range.value);
        this.setData({ value });
        this.triggerEvent('change', { value });
      });
    },
    methods: {
      paint() {
        const { min, max, showValue, activeColor, backgroundColor } = this.data;
        const part = max > min ? ((Number(this.range.value) - min) / (max - min)) * 100 : 0;
        const track = `linear-gradient(to right, ${activeColor} ${part}%, ${backgroundColor} 0)`;
        this.range.style.setProperty('--phone-track', track);
        this.number.textContent = showValue ? this.range.value : '';
      },
      formValue() {
        return Number(this.range.value);
      },
      resetValue() {
        this.setData({ value: this.data.min });
      },
    },
  });
}
