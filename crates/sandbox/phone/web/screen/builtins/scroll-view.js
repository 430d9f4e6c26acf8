/** `<scroll-view>`: the host itself scrolls. */

import { define } from './define.js';

/** Source: developers.weixin.qq.com/miniprogram/dev/component/scroll-view.html */
const DEFAULT_THRESHOLD_PX = 50;
const LENGTH = { type: Number, optionalTypes: [String] };

export function scrollViewTag() {
  return define('scroll-view', {
    properties: {
      scrollX: Boolean, scrollY: Boolean, scrollTop: LENGTH, scrollLeft: LENGTH, scrollIntoView: String,
      scrollWithAnimation: Boolean, upperThreshold: { ...LENGTH, value: DEFAULT_THRESHOLD_PX },
      lowerThreshold: { ...LENGTH, value: DEFAULT_THRESHOLD_PX }, enableFlex: Boolean, enhanced: Boolean,
      showScrollbar: Boolean, bounces: Boolean, enableBackToTop: Boolean, scrollAnchoring: Boolean, type: String,
      pagingEnabled: Boolean, fastDeceleration: Boolean, usingSticky: Boolean,
    },
    observers: {
      'scrollX, scrollY, enableFlex': function ways(x, y, flex) {
        const host = this.getBackendElement();
        host.dataset.scroll = `${x ? 'x' : ''}${y ? 'y' : ''}`;
        host.toggleAttribute('data-flex', flex);
      },
      scrollTop(top) {
        this.to({ top: Number.parseFloat(top) });
      },
      scrollLeft(left) {
        this.to({ left: Number.parseFloat(left) });
      },
      scrollIntoView(id) {
        if (id) queueMicrotask(() => this.intoView(id));
      },
    },
    created(host) {
      this.last = { top: 0, left: 0 };
      host.addEventListener('scroll', () => this.scrolled(host), { passive: true });
    },
    attached() {
      this.to({ top: Number.parseFloat(this.data.scrollTop), left: Number.parseFloat(this.data.scrollLeft) });
    },
    methods: {
      to(place) {
        const wanted = Object.fromEntries(Object.entries(place).filter(([, value]) => Number.isFinite(value)));
        const behavior = this.data.scrollWithAnimation ? 'smooth' : 'instant';
        this.getBackendElement().scrollTo({ ...wanted, behavior });
      },
      intoView(id) {
        const host = this.getBackendElement();
        const target = [...host.querySelectorAll('[id]')].find((element) => element.id === id);
        if (!target) return;
        const [box, own] = [target.getBoundingClientRect(), host.getBoundingClientRect()];
        this.to({ top: host.scrollTop + box.top - own.top, left: host.scrollLeft + box.left - own.left });
      },
      scrolled(host) {
        const { scrollTop: top, scrollLeft: left, scrollWidth, scrollHeight, clientWidth, clientHeight } = host;
        const before = this.last;
        this.last = { top, left };
        this.triggerEvent('scroll', {
          scrollTop: top, scrollLeft: left, scrollHeight, scrollWidth,
          deltaX: before.left - left, deltaY: before.top - top,
        });
        const { upperThreshold, lowerThreshold } = this.data;
        const [upper, lower] = [upperThreshold, lowerThreshold].map(Number.parseFloat);
        this.edge(before.top, top, scrollHeight - clientHeight, upper, lower, ['top', 'bottom']);
        this.edge(before.left, left, scrollWidth - clientWidth, upper, lower, ['left', 'right']);
      },
      /** Tells an edge when it is come near to, not while one stays there. */
      edge(before, now, most, upper, lower, [start, end]) {
        if (now <= upper && before > upper) this.triggerEvent('scrolltoupper', { direction: start });
        if (most - now <= lower && most - before > lower) this.triggerEvent('scrolltolower', { direction: end });
      },
    },
  });
}
