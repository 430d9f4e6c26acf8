/** The lifetime `ready`, which the framework leaves to us: after the page has been shown. */

const waiting = [];
let held = false;

/** For every component of the mini program. */
export function lifetimesOf() {
  return {
    attached() {
      waiting.push(this._$);
      if (!held) queueMicrotask(flush);
    },
  };
}

/** While a page is built, its components wait for its `onShow`. */
export function holdReady() {
  held = true;
}

export function flushReady() {
  held = false;
  flush();
}

function flush() {
  if (held) return;
  // What is attached meanwhile has its own turn.
  for (const component of waiting.splice(0)) component.triggerLifetime('ready', []);
}
