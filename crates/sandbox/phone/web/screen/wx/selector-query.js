/** `wx.createSelectorQuery()`: where elements are, measured from the top of the page's own area. */

import { Component } from 'glass-easel';
import { component as adapter } from 'glass-easel-miniprogram-adapter';
import { guarded } from '../errors.js';

const RECT = { id: true, dataset: true, rect: true, size: true };
const SCROLL = { id: true, dataset: true, scrollOffset: true };

/** @param {import('../router.js').Router} router */
export function selectorQuery(router) {
  // Pages and components get the same one, in place of the adapter's, which knows no bar.
  adapter.ComponentCaller.prototype.createSelectorQuery = function createSelectorQuery() {
    return new SelectorQuery(router, this);
  };
  return {
    createSelectorQuery: () => new SelectorQuery(router, null),
    createIntersectionObserver: (component, options) => (
      (component ?? router.top.instance).createIntersectionObserver(options ?? {})),
  };
}

class SelectorQuery {
  #router;
  #scope;
  #jobs = [];

  constructor(router, scope) {
    this.#router = router;
    this.#scope = scope;
  }

  in(instance) {
    this.#scope = instance;
    return this;
  }

  select(selector) {
    return this.#nodes((root) => root.querySelector(selector));
  }

  selectAll(selector) {
    return this.#nodes((root) => root.querySelectorAll(selector));
  }

  selectViewport() {
    return this.#nodes(() => 'viewport');
  }

  #nodes(find) {
    const add = (fields, callback) => {
      this.#jobs.push({ scope: this.#scope, find, fields, callback });
      return this;
    };
    return {
      boundingClientRect: (callback) => add(RECT, callback),
      scrollOffset: (callback) => add(SCROLL, callback),
      fields: (fields, callback) => add(fields, callback),
    };
  }

  /** Answers later, as the view is elsewhere on a phone. */
  exec(callback) {
    const jobs = this.#jobs.splice(0);
    queueMicrotask(() => {
      const results = jobs.map((job) => this.#measure(job));
      jobs.forEach((job, index) => job.callback && guarded(() => job.callback(results[index])));
      if (callback) guarded(() => callback(results));
    });
    return this;
  }

  #measure({ scope, find, fields }) {
    const page = this.#router.top;
    const component = scope?._$ ?? page.component;
    const found = find(component.getShadowRoot());
    if (found === 'viewport') return viewport(page, fields);
    if (Array.isArray(found)) return found.map((node) => shown(node, page, fields));
    return found ? shown(found, page, fields) : null;
  }
}

function viewport({ scroll }, fields) {
  const { clientWidth: width, clientHeight: height } = scroll;
  return {
    ...(fields.id && { id: '' }), ...(fields.dataset && { dataset: {} }),
    ...(fields.rect && { left: 0, top: 0, right: width, bottom: height }),
    ...(fields.size && { width, height }),
    ...(fields.scrollOffset && scrollOf(scroll)),
  };
}

function shown(node, page, fields) {
  const element = node.getBackendElement();
  const { left, top, width, height } = element?.getBoundingClientRect() ?? { left: 0, top: 0, width: 0, height: 0 };
  const origin = page.window.getBoundingClientRect();
  const [x, y] = [left - origin.left, top - origin.top];
  return {
    ...(fields.id && { id: node.id }), ...(fields.dataset && { dataset: { ...node.dataset } }),
    ...(fields.mark && { mark: node.collectMarks() }),
    ...(fields.rect && { left: x, top: y, right: x + width, bottom: y + height }),
    ...(fields.size && { width, height }),
    ...(fields.scrollOffset && element && scrollOf(element)),
    ...propertiesOf(node, fields.properties),
    ...stylesOf(element, fields.computedStyle),
  };
}

function scrollOf({ scrollLeft, scrollTop, scrollWidth, scrollHeight }) {
  return { scrollLeft, scrollTop, scrollWidth, scrollHeight };
}

function propertiesOf(node, names = []) {
  const has = (name) => Component.isComponent(node) && Component.hasProperty(node, name);
  return Object.fromEntries(names.filter(has).map((name) => [name, structuredClone(node.data[name])]));
}

function stylesOf(element, names = []) {
  if (!element || names.length === 0) return {};
  const style = getComputedStyle(element);
  return Object.fromEntries(names.map((name) => [name, style[name]]));
}
