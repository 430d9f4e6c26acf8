/**
 * Work that is under way, by name: whoever asks for the same joins it instead of starting it
 * twice. This is what a double tap meets.
 * @template T
 * @returns {{join: (name: string, start: () => Promise<T>) => Promise<T>,
 *            get: (name: string) => Promise<T> | undefined, any: () => boolean}}
 */
function underWay() {
  /** @type {Map<string, Promise<T>>} */
  const running = new Map();
  return {
    join(name, start) {
      const joined = running.get(name);
      if (joined) {
        return joined;
      }
      const begun = start();
      const done = () => {
        running.delete(name);
      };
      running.set(name, begun);
      begun.then(done, done);
      return begun;
    },
    get: (name) => running.get(name),
    any: () => running.size > 0,
  };
}

module.exports = { underWay };
