/** The story as it is seen: what is chosen, what is open, and when it is drawn anew. */

import { icon } from '../frame/dom.js';
import { onLive } from '../frame/live.js';
import { onPreference, word } from '../frame/prefs.js';
import { board } from './board.js';
import { drawGuide } from './empty.js';
import { follower } from './follow.js';
import { guideFor } from './guide.js';
import { lanes } from './lanes.js';
import { orderTabs } from './orders.js';
import { createStore, ordersOf, viewOf } from './store.js';

/** @typedef {'list' | 'lanes' | 'invitation' | 'rest' | 'orders' | 'scroller' | 'fresh' | 'older'} Part */

/** @param {Record<Part, HTMLElement>} place */
export function story(place) {
  const context = {
    place,
    store: createStore(),
    rows: board(place.list),
    follow: follower(place),
    state: {
      chosen: null, newest: true, opened: null, revealed: null, tab: 'request',
      map: false, top: false, connected: false,
    },
  };
  let waiting = false;
  const draw = () => {
    waiting = false;
    render(context, act);
  };
  /** A burst of events is drawn once. */
  const soon = () => {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  };
  const act = actions(context, soon);
  hear(context, soon);
  touch(context, act);
  draw();
}

function hear({ store, rows, state }, soon) {
  onLive('story', (entry) => entry && store.put(entry) && soon());
  onLive('reset', () => {
    store.reset();
    Object.assign(state, { chosen: null, newest: true, opened: null });
    soon();
  });
  onLive('connected', (yes) => {
    state.connected = yes;
    soon();
  });
  onPreference((what) => {
    if (what !== 'language') return;
    rows.clear();
    soon();
  });
}

function touch({ place, state }, act) {
  place.fresh.addEventListener('click', act.jump);
  place.list.addEventListener('click', (event) => {
    const button = event.target.closest('.row');
    if (button) act.open(Number(button.dataset.open));
  });
  place.list.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || state.opened === null) return;
    place.list.querySelector(`[data-entry="${state.opened}"] .row`)?.focus();
    act.open(state.opened);
  });
}

function actions({ store, rows, follow, state }, soon) {
  const fresh = { opened: null, map: false, top: true };
  return {
    choose: (number, newest) => {
      Object.assign(state, fresh, { chosen: number, newest: number !== null && number === newest });
      rows.clear();
      soon();
    },
    open: (id) => {
      const opened = state.opened === id ? null : id;
      Object.assign(state, { opened, revealed: opened, tab: 'request' });
      follow.hold();
      soon();
    },
    map: () => {
      Object.assign(state, { map: !state.map, top: true });
      soon();
    },
    clear: () => {
      store.hide();
      Object.assign(state, fresh, { chosen: null, newest: true });
      soon();
    },
    jump: () => {
      state.opened = null;
      follow.jump();
      soon();
      requestAnimationFrame(follow.jump);
    },
  };
}

function render({ place, store, rows, follow, state }, act) {
  const entries = store.entries();
  const orders = ordersOf(entries);
  if (state.opened === null) follow.settle();
  choose(orders, state, follow);
  const shown = viewOf(entries, state.chosen);
  const guide = guideFor(entries, { map: state.map, orders: orders.length });
  const mapped = state.map || shown.length === 0;
  lanes(place.lanes);
  orderTabs(place.orders, orders, state, act);
  drawGuide(place, guide);
  place.list.hidden = mapped;
  place.older.hidden = mapped || !store.droppedAny();
  place.fresh.replaceChildren(word('fresh'), icon('down'));
  const grown = rows.draw(shown, state);
  follow.rest(guide.mode !== 'none');
  if (state.top) follow.toTop();
  else if (grown) follow.grown();
  const opened = state.revealed && place.list.querySelector(`[data-entry="${state.revealed}"]`);
  if (opened) follow.reveal(opened);
  Object.assign(state, { top: false, revealed: null });
}

/** The newest order is followed, unless somebody is reading about another. */
function choose(orders, state, follow) {
  if (!orders.some(({ number }) => number === state.chosen)) state.chosen = null;
  if (!state.newest || orders.length === 0) return;
  const reading = follow.isAway() || state.opened !== null;
  if (reading && state.chosen !== null) {
    if (state.chosen !== orders[0].number) follow.missed();
  } else state.chosen = orders[0].number;
}
