/** Talk with the page around this phone. A screen that was opened alone has nobody to talk to. */

import { device, setLanguage, setNetwork, setTheme } from './device.js';
import { Signal } from './signal.js';

export const framed = window.parent !== window;
/** The frame (or the owner of a lone screen) asks for these. */
export const asked = { hide: new Signal(), show: new Signal(), reload: new Signal() };

const ACTS = {
  network: ({ mode }) => setNetwork(mode),
  theme: ({ theme }) => setTheme(theme),
  language: ({ language }) => setLanguage(language),
  hide: () => asked.hide.tell(),
  show: () => asked.show.tell(),
  reload: () => asked.reload.tell(),
};

/** @param {string} type @param {Record<string, any>} [rest] plain data */
export function tellFrame(type, rest = {}) {
  if (!framed) return;
  window.parent.postMessage({ from: 'screen', user: device.user, type, ...rest }, location.origin);
}

/** Only the frame itself, from our own origin, is listened to. */
export function listen() {
  window.addEventListener('message', (event) => {
    if (event.source !== window.parent || event.origin !== location.origin) return;
    if (event.data?.to !== 'screen' || !Object.hasOwn(ACTS, event.data.type)) return;
    ACTS[event.data.type](event.data);
  });
  if (!framed) listenToSandbox();
}

function listenToSandbox() {
  // The whole story is of no interest here, so it begins after the last entry there can be.
  const events = new EventSource(`/phone/api/events?after=${Number.MAX_SAFE_INTEGER}`);
  events.addEventListener('reload', () => asked.reload.tell());
}
