/** The stack of pages. */

import { EventChannel } from './channel.js';
import { tellFrame } from './frame.js';
import { Page } from './page.js';
import { parseUrl } from './paths.js';
import { program } from './registry.js';
import { Signal } from './signal.js';
import { slideIn, slideOut } from './slide.js';
import { hasBar, tellTap } from './tabs/bar.js';
import { tabs } from './tabs/tabs.js';

/** Source: developers.weixin.qq.com/miniprogram/dev/api/route/wx.navigateTo.html */
const MAX_STACK = 10;

export class Router {
  /** @type {Page[]} */
  stack = [];
  /** Pages of tabs stay when one goes to another tab. @type {Map<string, Page>} */
  #kept = new Map();
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
    if (tabs.has(route)) throw new Error('can not navigateTo a tabbar page');
    if (this.stack.length >= MAX_STACK) throw new Error('webview count limit exceed');
    this.top.hide();
    const [near, far] = EventChannel.pair(events);
    this.#push(route, query, far);
    slideIn(this.top.window);
    return near;
  }

  redirectTo(url) {
    const { route, query } = this.locate(url);
    if (tabs.has(route)) throw new Error('can not redirectTo a tabbar page');
    this.#close(this.stack.pop());
    this.#push(route, query);
  }

  reLaunch(url) {
    const { route, query } = this.locate(url);
    while (this.stack.length > 0) this.#close(this.stack.pop());
    for (const page of [...this.#kept.values()]) this.#close(page);
    this.#push(route, query);
  }

  /** All pages go but those of tabs, which only hide. */
  switchTab(url) {
    const { route } = this.locate(url);
    if (!tabs.has(route)) throw new Error('can not switch to no-tabBar page');
    if (this.stack.length === 1 && this.top.route === route) return;
    const before = this.top;
    while (this.stack.length > 1) this.#close(this.stack.pop());
    const [bottom] = this.stack.splice(0);
    if (!tabs.has(bottom.route)) this.#close(bottom);
    else if (bottom === before && bottom.route !== route) bottom.hide();
    const known = this.#kept.get(route);
    if (!known) this.#push(route, {});
    else {
      this.stack.push(known);
      known.show();
      this.refresh();
    }
  }

  /** A finger on the bar. */
  tapTab(index) {
    this.switchTab(`/${tabs.items[index].pagePath}`);
    tellTap(this.top, index);
  }

  #close(page) {
    this.#kept.delete(page.route);
    page.close();
  }

  navigateBack(delta) {
    if (this.stack.length < 2) throw new Error('cannot navigate back at first page');
    const many = Math.min(Math.max(1, Math.trunc(delta) || 1), this.stack.length - 1);
    const ghost = this.top.window;
    for (let n = 0; n < many; n += 1) this.#close(this.stack.pop());
    slideOut(ghost);
    this.top.show();
    this.refresh();
  }

  #push(route, query, opener = null) {
    const page = new Page(route, query);
    page.opener = opener ?? EventChannel.pair({})[1];
    if (tabs.has(route)) this.#kept.set(route, page);
    this.stack.push(page);
    page.open(this.#space, this.#place);
    this.refresh();
  }

  /** Only the top page is seen, focused and read. */
  refresh() {
    for (const page of new Set([...this.stack, ...this.#kept.values()])) {
      const isTop = page === this.top;
      for (const side of ['top', 'bottom']) {
        page.window.classList.toggle(`tabbed-${side}`, hasBar(page.route) && tabs.position === side);
      }
      page.window.classList.toggle('current', isTop);
      page.window.inert = !isTop;
      page.element?.classList.toggle('top', isTop);
    }
    this.changes.tell();
    const { route, title } = this.top;
    tellFrame('page', { route, title, stack: this.stack.length });
  }
}
