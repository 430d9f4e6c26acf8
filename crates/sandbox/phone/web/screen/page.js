/** One page on the stack: its window, its instance, its lifecycle. */

import { Component } from 'glass-easel';
import { el } from './dom.js';
import { guarded } from './errors.js';
import { flushReady, holdReady } from './ready.js';
import { program } from './registry.js';
import { watchPull } from './scroll/pull.js';
import { watchScroll } from './scroll/reach.js';
import { equipWithBar } from './tabs/custom.js';
import { resolved } from './theme.js';

let lastId = 0;

export class Page {
  /** What `wx.setNavigationBar…` changed on this page. */
  overrides = {};
  navLoading = false;
  pull = null;
  /** @type {any} messages to and from whoever opened it */
  opener = null;
  #root;
  #bar = null;
  #ready = false;
  gone = false;

  /** @param {string} route @param {Record<string, string>} query */
  constructor(route, query) {
    lastId += 1;
    this.id = lastId;
    this.route = route;
    this.query = query;
    this.scroll = el('div', { class: 'phone-scroll' });
    this.window = el('div', { class: 'phone-window', 'data-page': route }, this.scroll);
  }

  /** Window settings: of the app, over them of the page, over them what was set at run time. */
  get settings() {
    const { app, pages } = program.description;
    return { ...resolved({ ...app.window, ...pages[this.route].json }), ...this.overrides };
  }

  get title() {
    return this.settings.navigationBarTitleText ?? '';
  }

  /** Builds the page and runs `onLoad` and `onShow`; `ready` and `onReady` follow in their own turn. */
  open(space, place) {
    const placeholder = el('div');
    this.scroll.append(placeholder);
    place.append(this.window);
    holdReady();
    this.#root = space.createPage(this.route);
    this.instance = this.#root.get();
    this.component = this.#root.getComponent();
    this.element = this.component.getBackendElement();
    this.element.dataset.route = this.route;
    this.#equip();
    this.#root.attach(this.scroll, placeholder);
    this.#bar = equipWithBar(this, space);
    this.call('onLoad', { ...this.query });
    this.show();
    this.#watch();
    queueMicrotask(() => this.#becomeReady());
  }

  /** Named parts of the address become properties of a page that is written as a component. */
  #equip() {
    Object.assign(this.instance, {
      route: this.route, __route__: this.route, options: { ...this.query }, __wxWebviewId__: this.id,
      getOpenerEventChannel: () => this.opener,
      getPageId: () => `pageId:${this.id}`,
    });
    const given = Object.entries(this.query).filter(([name]) => Component.hasProperty(this.component, name));
    if (given.length > 0) this.instance.setData(Object.fromEntries(given));
  }

  #watch() {
    this.pull = watchPull(this);
    watchScroll(this);
  }

  #becomeReady() {
    flushReady();
    if (this.gone || this.#ready) return;
    this.#ready = true;
    this.call('onReady');
  }

  show() {
    this.component.triggerPageLifetime('show', []);
    this.call('onShow');
  }

  hide() {
    this.component.triggerPageLifetime('hide', []);
    this.call('onHide');
  }

  /** Runs `onUnload` and takes the page out of the framework; the window stays for whoever slides it away. */
  close() {
    this.gone = true;
    this.call('onUnload');
    this.#root.release();
    this.#bar?.release();
    this.window.remove();
  }

  /** Calls a method of the page, if it has it. */
  call(name, ...values) {
    const method = this.instance?.[name];
    return typeof method === 'function' ? guarded(() => method.apply(this.instance, values)) : undefined;
  }

  has(name) {
    return typeof this.instance?.[name] === 'function';
  }
}
