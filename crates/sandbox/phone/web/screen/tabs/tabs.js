/** The tabs of app.json, as they are now: what `wx.setTabBar…` changed included. */

import { program } from '../registry.js';
import { Signal } from '../signal.js';

/** Source: developers.weixin.qq.com/miniprogram/dev/reference/configuration/app.html */
const POSITIONS = new Set(['bottom', 'top']);

class Tabs {
  /** Told when the bar is to be drawn anew. */
  changes = new Signal();
  #style = {};
  #items = [];
  #hidden = false;

  /** Before the first page. */
  read() {
    this.#items = (this.#bar?.list ?? []).map((item) => ({ ...item, badge: '', dot: false }));
  }

  get #bar() {
    return program.description?.app.tabBar ?? null;
  }

  get items() {
    return this.#items;
  }

  get style() {
    return { ...this.#bar, ...this.#style };
  }

  get position() {
    return POSITIONS.has(this.#bar?.position) ? this.#bar.position : 'bottom';
  }

  get hidden() {
    return this.#hidden;
  }

  get custom() {
    return this.#bar?.custom === true;
  }

  has(route) {
    return this.indexOf(route) >= 0;
  }

  indexOf(route) {
    return this.#items.findIndex(({ pagePath }) => pagePath === route);
  }

  setItem(index, changes) {
    Object.assign(this.#items[index], changes);
    this.changes.tell();
  }

  setStyle(changes) {
    Object.assign(this.#style, changes);
    this.changes.tell();
  }

  setHidden(hidden) {
    this.#hidden = hidden;
    this.changes.tell();
  }
}

export const tabs = new Tabs();
