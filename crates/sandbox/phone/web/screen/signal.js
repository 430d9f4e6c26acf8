/** A list of listeners. */

export class Signal {
  #listeners = new Set();

  /** @param {(...values: any[]) => void} listener */
  on(listener) {
    this.#listeners.add(listener);
  }

  /** @param {(...values: any[]) => void} [listener] without one, all go */
  off(listener) {
    if (listener === undefined) this.#listeners.clear();
    else this.#listeners.delete(listener);
  }

  /** Listeners may leave while they are told. */
  tell(...values) {
    for (const listener of [...this.#listeners]) listener(...values);
  }
}
