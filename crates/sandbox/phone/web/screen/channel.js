/** Messages between a page and the one that opened it. */

import { guarded } from './errors.js';

export class EventChannel {
  #listeners = new Map();
  #other = null;

  /** @param {Record<string, Function>} events listeners of the opening page */
  static pair(events) {
    const [near, far] = [new EventChannel(), new EventChannel()];
    near.#other = far;
    far.#other = near;
    for (const [name, listener] of Object.entries(events ?? {})) near.on(name, listener);
    return [near, far];
  }

  emit(name, ...values) {
    for (const { listener, once } of [...(this.#other.#listeners.get(name) ?? [])]) {
      if (once) this.#other.off(name, listener);
      guarded(() => listener(...values));
    }
  }

  on(name, listener) {
    this.#add(name, listener, false);
  }

  once(name, listener) {
    this.#add(name, listener, true);
  }

  off(name, listener) {
    const kept = (this.#listeners.get(name) ?? []).filter((one) => listener && one.listener !== listener);
    this.#listeners.set(name, kept);
  }

  #add(name, listener, once) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), { listener, once }]);
  }
}
