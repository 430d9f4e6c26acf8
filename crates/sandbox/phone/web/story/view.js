/** The story as it is seen: rows kept in step with the entries, following the end. */

import { el, icon } from '../frame/dom.js';
import { onLive } from '../frame/live.js';
import { onPreference, prefs, word } from '../frame/prefs.js';
import { drawGuide, guideFor } from './empty.js';
import { inspector } from './inspector.js';
import { lanes } from './lanes.js';
import { orderTabs } from './orders.js';
import { rowNode } from './rows.js';
import { rowsOf } from './sequence.js';
import { createStore, ordersOf, startsOf, viewOf } from './store.js';

/** Nearer than this to the end counts as at the end. */
const END_PX = 48;
/** The heads of the lifelines cover this much of the board. */
const HEADS_PX = 72;
const STACKED = matchMedia('(max-width: 860px)');

/** @param {Record<'list' | 'lanes' | 'invitation' | 'rest' | 'orders' | 'scroller' | 'fresh' | 'older', HTMLElement>} place */
export function story(place) {
  const store = createStore();
  // `stuck`: the end is followed. `away`: the person has scrolled up to read. `guided`: the steps
  // to come are shown, so the end of the board is not the end of the story.
  const state = {
    chosen: null, follow: true, opened: null, tab: 'request', map: false, connected: false, stuck: true, away: false, guided: true,
  };
  const drawn = new Map();
  let waiting = false;
  const draw = () => {
    waiting = false;
    const { guided } = state;
    const grown = render(place, store, state, drawn, act);
    if (state.guided) place.fresh.hidden = true;
    else if (guided) state.stuck = true;
    if (state.toTop) {
      Object.assign(state, { toTop: false, stuck: false });
      place.scroller.scrollTop = 0;
      return;
    }
    if (state.reveal) reveal(place.list, state);
    if (state.guided || !(grown || guided)) return;
    if (state.stuck) toEnd(place);
    else place.fresh.hidden = false;
  };
  /** A burst of events is drawn once. */
  const soon = () => {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  };
  const act = actions(place, store, state, drawn, soon);
  place.fresh.addEventListener('click', () => {
    Object.assign(state, { opened: null, away: false, stuck: true });
    draw();
    toEnd(place);
  });
  (STACKED.matches ? document : place.scroller).addEventListener('scroll', () => {
    if (state.guided) return;
    state.stuck = isAtEnd(place.scroller);
    state.away = !state.stuck;
    if (state.stuck) place.fresh.hidden = true;
  }, { passive: true });
  // Sentences wrap anew when the phones take or leave room.
  new ResizeObserver(() => state.stuck && !state.guided && toEnd(place)).observe(place.list);
  place.list.addEventListener('click', (event) => {
    const button = event.target.closest('.row');
    if (button) act.open(Number(button.dataset.open));
  });
  onLive('story', (entry) => entry && store.put(entry) && soon());
  onLive('reset', () => {
    store.reset();
    Object.assign(state, { chosen: null, follow: true, opened: null });
    soon();
  });
  onLive('connected', (yes) => {
    state.connected = yes;
    soon();
  });
  onPreference((what) => {
    if (what !== 'language') return;
    drawn.clear();
    place.list.replaceChildren();
    soon();
  });
  draw();
}

function actions(place, store, state, drawn, soon) {
  return {
    choose: (number, newest) => {
      Object.assign(state, { chosen: number, follow: number !== null && number === newest, opened: null, map: false, away: false });
      drawn.clear();
      place.list.replaceChildren();
      place.fresh.hidden = true;
      state.toTop = true;
      soon();
    },
    open: (id) => {
      state.opened = state.opened === id ? null : id;
      state.tab = 'request';
      state.reveal = state.opened;
      state.stuck = false;
      soon();
    },
    map: () => {
      state.map = !state.map;
      place.scroller.scrollTop = 0;
      soon();
    },
    clear: () => {
      store.hide();
      Object.assign(state, { chosen: null, follow: true, opened: null });
      soon();
    },
  };
}

function isAtEnd(scroller) {
  if (STACKED.matches) return innerHeight + scrollY >= document.documentElement.scrollHeight - END_PX;
  return scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - END_PX;
}

/** On a narrow page the phone is above: to jump away from it would take it out of the hand. */
function toEnd({ scroller, fresh }) {
  fresh.hidden = true;
  if (STACKED.matches) return;
  scroller.scrollTop = scroller.scrollHeight;
}

/** Brings what was opened into sight, its row first. */
function reveal(list, state) {
  const node = list.querySelector(`[data-entry="${state.reveal}"]`);
  state.reveal = null;
  if (!node) return;
  node.scrollIntoView({ block: 'nearest' });
  const { top } = node.getBoundingClientRect();
  if (top < HEADS_PX + list.parentElement.getBoundingClientRect().top) node.scrollIntoView({ block: 'start' });
}

/** Draws what changed; true if rows were added. */
function render(place, store, state, drawn, act) {
  const entries = store.entries();
  const orders = ordersOf(entries);
  const reading = state.away || state.opened !== null;
  if (state.follow && orders.length > 0 && !(reading && state.chosen)) state.chosen = orders[0].number;
  const missed = state.follow && orders.length > 0 && state.chosen !== orders[0].number;
  if (missed) place.fresh.hidden = false;
  if (state.chosen !== null && !orders.some(({ number }) => number === state.chosen)) state.chosen = null;
  const shown = viewOf(entries, state.chosen);
  const guide = guideFor(entries, { map: state.map, orders: orders.length });
  const mapped = state.map || shown.length === 0;
  state.guided = guide.mode !== 'none';
  lanes(place.lanes);
  orderTabs(place.orders, orders, state, act);
  drawGuide(place, guide);
  place.list.hidden = mapped;
  place.older.hidden = mapped || !store.droppedAny();
  place.fresh.replaceChildren(word('fresh'), icon('down'));
  return reconcile(place.list, shown, state, drawn);
}

/** Rows that did not change keep their nodes, so focus, selection and animations survive. */
function reconcile(list, shown, state, drawn) {
  const start = startsOf(shown);
  const rows = rowsOf(shown);
  const keys = new Set(rows.map(({ key }) => key));
  for (const [key, old] of drawn) {
    if (keys.has(key)) continue;
    old.node.remove();
    drawn.delete(key);
  }
  // A story that is opened is there; only what comes while one looks on moves in.
  const first = drawn.size === 0;
  let grown = false;
  let previous = null;
  for (const row of rows) {
    const open = row.part !== 'answer' && state.opened === row.entry.id;
    const print = [row.entry.revision, row.part, JSON.stringify(row.busy), open, start(row.entry), prefs.language].join();
    const old = drawn.get(row.key);
    const node = old?.print === print ? old.node : fresh(row, start(row.entry), open, state, old);
    if (!old && !first) node.classList.add('new');
    const next = previous ? previous.nextSibling : list.firstChild;
    if (node !== next) list.insertBefore(node, next);
    if (old && old.node !== node) old.node.remove();
    drawn.set(row.key, { node, print });
    grown ||= !old;
    previous = node;
  }
  return grown;
}

function fresh(row, start, open, state, old) {
  const node = rowNode(row, start, open);
  if (open) {
    const panel = inspector(row.entry, state);
    node.querySelector('.row').setAttribute('aria-controls', panel.id);
    node.append(panel);
  }
  if (old?.node.contains(document.activeElement)) {
    requestAnimationFrame(() => node.querySelector('.row').focus({ preventScroll: true }));
  }
  return node;
}
