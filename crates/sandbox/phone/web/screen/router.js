/** The stack of pages. */

import { EventChannel } from './channel.js';
import { tellFrame } from './frame.js';
import { Page } from './page.js';
import { parseUrl } from './paths.js';
import { program } from './registry.js';
import { Signal } from './signal.js';
import { slideIn, slideOut } from './slide.js';

/** Source: developers.weixin.qq.com/miniprogram/dev/api/route/wx.navigateTo.html */
const MAX_STACK = 10;

export class Router {
  /** @type {Page[]} */
  stack = [];
  /** Told when another page is on top, or the top one's bar changes. */
  changes = new Signal();
  #space;
  #place;

  /** @param {import('./space.js').Space} space @param {HTMLElement} place */
  constructor(space, place) {
    this.#space = space;
    this.#place = place;
  }

  get top() {
    return this.stack.at(-1);
  }

  get home() {
    const { app } = program.description;
    return app.entryPagePath ?? app.pages[0];
  }

  exists(route) {
    return Object.hasOwn(program.description.pages, route);
  }

  /** @returns {{ route: string, query: Record<string, string> }} */
  locate(url) {
    const { route, query } = parseUrl(url, this.top?.route ?? '');
    if (!this.exists(route)) throw new Error(`page "${route}" is not found`);
    return { route, query };
  }

  /** The first page of a launch. */
  start(route, query) {
    this.#push(route, query);
  }

  navigateTo(url, events = {}) {
    const { route, query } = this.locate(url);
    if (this.stack.length >= MAX_STACK) throw new Error('webview count limit exceed');
    this.top.hide();
    const [near, far] = EventChannel.pair(events);
    this.#push(route, query, far);
    slideIn(this.top.window);
    return near;
  }

  redirectTo(url) {
    const { route, query } = this.locate(url);
    this.stack.pop().close();
    this.#push(route, query);
  }

  reLaunch(url) {
    const { route, query } = this.locate(url);
    while (this.stack.length > 0) this.stack.pop().close();
    this.#push(route, query);
  }

  navigateBack(delta) {
    if (this.stack.length < 2) throw new Error('cannot navigate back at first page');
    const many = Math.min(Math.max(1, Math.trunc(delta) || 1), this.stack.length - 1);
    const ghost = this.top.window;
    for (let n = 0; n < many; n += 1) this.stack.pop().close();
    slideOut(ghost);
    this.top.show();
    this.refresh();
  }

  #push(route, query, opener = null) {
    const page = new Page(route, query);
    page.opener = opener ?? EventChannel.pair({})[1];
    this.stack.push(page);
    page.open(this.#space, this.#place);
    this.refresh();
  }

  /** Only the top page is seen, focused and read. */
  refresh() {
    for (const page of this.stack) {
      const isTop = page === this.top;
      page.window.classList.toggle('current', isTop);
      page.window.inert = !isTop;
      page.element?.classList.toggle('top', isTop);
    }
    this.changes.tell();
    const { route, title } = this.top;
    tellFrame('page', { route, title, stack: this.stack.length });
  }
}
