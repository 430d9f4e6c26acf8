/** Pull down to refresh, by finger or by mouse. */

import { el } from '../dom.js';
import { cancelPress } from '../gestures.js';

/** So far the page follows, with resistance; beyond the first it refreshes, at the second it rests. */
const TRIGGER_PX = 50;
const REST_PX = 56;
const MOST_PX = 120;
const RESISTANCE = 0.5;
/** A page that never calls `wx.stopPullDownRefresh` still comes up again, as on a phone. Length uncertain. */
const LONGEST_MS = 3000;

class Pull {
  #page;
  #start = null;
  #offset = 0;
  #timer = null;
  refreshing = false;

  constructor(page) {
    this.#page = page;
    const style = page.settings.backgroundTextStyle === 'light' ? 'light' : 'dark';
    this.dots = el('div', { class: `phone-pull ${style}`, 'aria-hidden': 'true' }, el('i'), el('i'), el('i'));
    page.window.prepend(this.dots);
  }

  get enabled() {
    return this.#page.settings.enablePullDownRefresh === true;
  }

  begin(y) {
    const ready = this.enabled && !this.refreshing && this.#page.scroll.scrollTop <= 0;
    this.#start = ready ? y : null;
  }

  /** @returns {boolean} whether the page is being pulled, so that it must not scroll */
  move(y) {
    if (this.#start === null) return false;
    const way = y - this.#start;
    if (way <= 0 || this.#page.scroll.scrollTop > 0) {
      this.#place(0);
      return false;
    }
    if (way > TRIGGER_PX / 2) cancelPress();
    this.#place(Math.min(MOST_PX, way * RESISTANCE));
    return true;
  }

  end() {
    if (this.#start === null) return;
    this.#start = null;
    if (this.#offset >= TRIGGER_PX * RESISTANCE) this.refresh();
    else this.#place(0);
  }

  refresh() {
    if (this.refreshing) return;
    this.refreshing = true;
    this.#place(REST_PX);
    this.#timer = setTimeout(() => this.stop(), LONGEST_MS);
    this.#page.component.triggerPageLifetime('pullDownRefresh', []);
    this.#page.call('onPullDownRefresh');
  }

  stop() {
    clearTimeout(this.#timer);
    this.refreshing = false;
    this.#place(0);
  }

  #place(offset) {
    this.#offset = offset;
    const { scroll, window } = this.#page;
    window.classList.toggle('pulling', offset > 0 && !this.refreshing);
    window.classList.toggle('refreshing', this.refreshing);
    scroll.style.top = offset ? `${offset}px` : '';
  }
}

/** @param {import('../page.js').Page} page @returns {Pull} */
export function watchPull(page) {
  const pull = new Pull(page);
  const { scroll } = page;
  scroll.addEventListener('touchstart', (event) => pull.begin(event.touches[0].clientY), { passive: true });
  scroll.addEventListener('touchmove', (event) => {
    // Who catches the finger keeps it.
    if (event.defaultPrevented) return;
    if (pull.move(event.touches[0].clientY) && event.cancelable) event.preventDefault();
  }, { passive: false });
  for (const type of ['touchend', 'touchcancel']) scroll.addEventListener(type, () => pull.end(), { passive: true });
  scroll.addEventListener('mousedown', (event) => {
    if (event.button !== 0) return;
    pull.begin(event.clientY);
    const move = (moved) => pull.move(moved.clientY);
    const up = () => {
      pull.end();
      window.removeEventListener('mousemove', move);
      window.removeEventListener('mouseup', up);
    };
    window.addEventListener('mousemove', move);
    window.addEventListener('mouseup', up);
  });
  return pull;
}
