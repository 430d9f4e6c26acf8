/** `<swiper>` and `<swiper-item>`: pictures that slide, by finger, by mouse or by themselves. */

import { setOwnStyle } from '../backend.js';
import { el } from '../dom.js';
import { around, define } from './define.js';

/** So much of the width has to be dragged for the next one. */
const TURN_SHARE = 0.25;

export function swiperTags() {
  return [['swiper', swiperTag()], ['swiper-item', itemTag()]];
}

function itemTag() {
  return define('swiper-item', {
    properties: { itemId: String, skipHiddenItemLayout: Boolean },
    attached() {
      around(this, 'swiper')?.arrange();
    },
    detached() {
      around(this, 'swiper')?.arrange();
    },
  });
}

function swiperTag() {
  return define('swiper', {
    properties: {
      indicatorDots: Boolean, indicatorColor: String, indicatorActiveColor: String, autoplay: Boolean,
      current: Number, interval: { type: Number, value: 5000 }, duration: { type: Number, value: 500 },
      circular: Boolean, vertical: Boolean, previousMargin: String, nextMargin: String, displayMultipleItems: Number,
      easingFunction: String, snapToEdge: Boolean, currentItemId: String,
    },
    observers: {
      current(current) {
        this.go(current, '');
      },
      'autoplay, interval': function start() {
        this.wind();
      },
      'indicatorDots, indicatorColor, indicatorActiveColor, vertical': function look() {
        this.arrange();
      },
    },
    created(host) {
      this.at = 0;
      this.dots = el('div', { class: 'phone-dots', 'aria-hidden': 'true' });
      host.prepend(this.dots);
      host.setAttribute('role', 'group');
      host.setAttribute('aria-roledescription', 'carousel');
      drag(this, host);
    },
    attached() {
      this.at = this.bounded(this.data.current);
      this.arrange();
      this.wind();
    },
    detached() {
      clearInterval(this.timer);
    },
    methods: {
      items() {
        return [...this.getBackendElement().children].filter((child) => child.localName === 'swiper-item');
      },
      bounded(index) {
        const count = this.items().length;
        if (count === 0) return 0;
        if (this.data.circular) return ((index % count) + count) % count;
        return Math.max(0, Math.min(count - 1, Math.trunc(index) || 0));
      },
      go(index, source) {
        const next = this.bounded(index);
        if (next === this.at) {
          this.arrange();
          return;
        }
        this.at = next;
        this.arrange();
        const currentItemId = this.items()[next]?.__wxElement?.data.itemId ?? '';
        const detail = { current: next, currentItemId, source };
        // Later: a page that has just set `current` is still busy with it.
        queueMicrotask(() => {
          this.triggerEvent('change', detail);
          this.triggerEvent('animationfinish', detail);
        });
      },
      arrange(shift = 0) {
        const axis = this.data.vertical ? 'Y' : 'X';
        const time = shift === 0 ? this.data.duration : 0;
        this.items().forEach((item, index) => {
          const place = `translate${axis}(calc(${(index - this.at) * 100}% + ${shift}px))`;
          setOwnStyle(item, `transform:${place};transition:transform ${time}ms`);
          item.inert = index !== this.at;
        });
        this.paintDots();
      },
      paintDots() {
        const { indicatorDots, indicatorColor, indicatorActiveColor } = this.data;
        const items = indicatorDots ? this.items() : [];
        this.dots.replaceChildren(...items.map((_, index) => {
          const colour = index === this.at ? indicatorActiveColor : indicatorColor;
          return el('i', { class: index === this.at ? 'on' : '', style: colour ? `background:${colour}` : undefined });
        }));
      },
      wind() {
        clearInterval(this.timer);
        if (!this.data.autoplay || !this.getBackendElement().isConnected) return;
        this.timer = setInterval(() => {
          const last = this.at + 1 >= this.items().length;
          this.go(last && !this.data.circular ? 0 : this.at + 1, 'autoplay');
        }, Math.max(100, this.data.interval));
      },
    },
  });
}

function drag(swiper, host) {
  host.addEventListener('pointerdown', (event) => {
    const start = along(swiper, event);
    const move = (moved) => swiper.arrange(along(swiper, moved) - start || 0.01);
    const up = (last) => {
      for (const [type, listener] of listeners) window.removeEventListener(type, listener);
      const way = along(swiper, last) - start;
      const size = swiper.data.vertical ? host.clientHeight : host.clientWidth;
      const turn = Math.abs(way) > size * TURN_SHARE ? -Math.sign(way) : 0;
      swiper.go(swiper.at + turn, 'touch');
    };
    const listeners = [['pointermove', move], ['pointerup', up], ['pointercancel', up]];
    for (const [type, listener] of listeners) window.addEventListener(type, listener);
  });
}

function along(swiper, { clientX, clientY }) {
  return swiper.data.vertical ? clientY : clientX;
}
