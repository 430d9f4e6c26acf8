/** The shelf of phones: which are open, which are seen, and how large. */

import { phone } from './phone.js';
import { onPreference } from './prefs.js';

/** A phone is a whole browser context; more than these and a laptop notices. */
const MAX_OPEN = 6;
const DEVICE = { width: 399, height: 836 };
/** Under the device: its caption and the gap above it. */
const CAPTION = 28;
const RAIL = 68;
const GAP = 32;
/** The story needs this much to have its sentences on few lines. */
const STORY_WIDTH = 600;
/** Smaller than this a second phone is not worth looking at. */
const MIN_SHARED_SCALE = 0.6;
const MIN_SCALE = 0.42;
const STACKED = matchMedia('(max-width: 860px)');
const NARROW = matchMedia('(max-width: 480px)');

/**
 * @param {HTMLElement} place where the phones stand
 * @param {Promise<any>} host
 */
export function phones(place, host) {
  /** @type {Map<string, ReturnType<typeof phone>>} */
  const open = new Map();
  const listeners = new Set();
  let shown = [];
  const changed = () => {
    arrange(open, shown, place);
    for (const listener of listeners) listener();
  };
  const show = (user, people) => {
    if (!open.has(user)) open.set(user, phone(user, { balance: balanceOf(people, user), host }));
    if (!open.get(user).node.isConnected) place.append(open.get(user).node);
    const room = roomFor();
    shown = [...shown.filter((name) => name !== user), user].slice(-room);
    changed();
  };
  addEventListener('resize', () => {
    shown = shown.slice(-roomFor());
    changed();
  });
  addEventListener('message', (event) => receive(event, open));
  light(place);
  // More buyers take another line, and leave less for the phones.
  new ResizeObserver(() => arrange(open, shown, place)).observe(document.getElementById('buyers'));
  onPreference((what) => {
    for (const one of open.values()) one.prefer(what);
  });
  return {
    limit: MAX_OPEN,
    isOpen: (user) => open.has(user),
    isShown: (user) => shown.includes(user),
    onChange: (listener) => listeners.add(listener),
    users: () => [...open.keys()],
    reload: () => {
      for (const one of open.values()) one.post({ type: 'reload' });
    },
    setBalances: (people) => {
      for (const [user, one] of open) one.setBalance(balanceOf(people, user));
    },
    open: (user, people) => {
      if (open.has(user) || open.size < MAX_OPEN) show(user, people);
    },
    /** Shows a phone that is not seen, and puts one of several away. False: no more can be open. */
    toggle: (user, people) => {
      if (shown.includes(user) && shown.length > 1) {
        shown = shown.filter((name) => name !== user);
        changed();
      } else if (open.has(user) || open.size < MAX_OPEN) show(user, people);
      else return false;
      return true;
    },
  };
}

function balanceOf(people, user) {
  return people.find((person) => person.user === user)?.balance_fen ?? null;
}

/** How many phones can stand side by side. */
function roomFor() {
  if (STACKED.matches) return 1;
  const width = innerWidth - STORY_WIDTH - 2 * 24 + GAP;
  const least = DEVICE.width * MIN_SHARED_SCALE + RAIL + GAP;
  return Math.max(1, Math.min(MAX_OPEN, Math.floor(width / least)));
}

/** Sizes the phones so that nothing of them is cut, and hides those behind. */
function arrange(open, shown, place) {
  for (const [user, one] of open) one.node.hidden = !shown.includes(user);
  document.documentElement.style.setProperty('--phone-scale', scaleFor(shown.length, place).toFixed(4));
}

function scaleFor(count, place) {
  if (STACKED.matches) {
    const side = NARROW.matches ? 32 : 32 + RAIL;
    return Math.min(1, (innerWidth - side) / DEVICE.width);
  }
  const top = place.getBoundingClientRect().top;
  const high = (innerHeight - top - CAPTION - 16) / DEVICE.height;
  const width = innerWidth - STORY_WIDTH - 48 + GAP;
  const wide = (width / Math.max(1, count) - RAIL - GAP) / DEVICE.width;
  return Math.max(MIN_SCALE, Math.min(1, high, count > 1 ? wide : 1));
}

/** Only a phone's own frame speaks for it. */
function receive(event, open) {
  if (event.origin !== location.origin || event.data?.from !== 'screen') return;
  for (const one of open.values()) if (one.owns(event.source)) one.receive(event.data);
}

/** The light on the titanium follows the pointer a little. */
function light(place) {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  addEventListener('pointermove', (event) => {
    place.style.setProperty('--x', (2 * event.clientX / innerWidth - 1).toFixed(3));
    place.style.setProperty('--y', (2 * event.clientY / innerHeight - 1).toFixed(3));
  }, { passive: true });
}
