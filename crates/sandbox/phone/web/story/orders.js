/** Which order is told: tabs for the latest, a list for those before. */

import { el, icon } from '../frame/dom.js';
import { prefs, word } from '../frame/prefs.js';

/** What fits beside the other buttons; the rest are in the list. */
const TABS = 3;
/** A list that is longer is not read. */
const MAX_LISTED = 60;

const STATES = { SUCCESS: 'orderPaid', NOTPAY: 'orderUnpaid', CLOSED: 'orderClosed', REFUND: 'orderRefund' };

/**
 * @param {HTMLElement} place
 * @param {ReturnType<typeof import('./store.js').ordersOf>} orders
 * @param {{ chosen: string | null, map: boolean, connected: boolean }} state
 * @param {any} act
 */
export function orderTabs(place, orders, state, act) {
  const { chosen, map, connected } = state;
  const known = orders.map(({ number, state: at }) => [number, at]);
  const print = JSON.stringify([known, chosen, map, connected, prefs.language]);
  if (place.dataset.print === print) return;
  place.dataset.print = print;
  const focus = document.activeElement?.closest?.('#orders [data-order]')?.dataset.order;
  place.replaceChildren(tabs(orders, state, act), tools(state, act));
  if (focus !== undefined) place.querySelector(`[data-order="${CSS.escape(focus)}"]`)?.focus();
}

function tabs(orders, state, act) {
  const newest = orders[0]?.number ?? null;
  const choose = (number) => act.choose(number, newest);
  return el('div', { class: 'order-tabs', role: 'group', 'aria-label': word('ordersOf') },
    tab(null, word('all'), state, () => choose(null)),
    ...orders.slice(0, TABS).map((order) => orderTab(order, state, () => choose(order.number))),
    orders.length > TABS && earlier(orders.slice(TABS), state, choose));
}

function tools({ map, connected }, act) {
  return el('div', { class: 'order-tools' },
    el('span', { class: `live ${connected ? 'is-on' : 'is-off'}` },
      word(connected ? 'live' : 'liveLost')),
    tool('map', 'map', word(map ? 'backToStory' : 'wholeProtocol'), {
      'aria-pressed': String(map), title: word('wholeProtocolHint'), onclick: act.map,
    }),
    tool('clear', 'close', word('clearView'), { title: word('clearViewHint'), onclick: act.clear }));
}

function tool(name, picture, label, properties) {
  const fixed = { type: 'button', class: 'button quiet', dataset: { act: name } };
  return el('button', { ...fixed, ...properties }, icon(picture), el('span', {}, label));
}

function tab(number, content, state, choose) {
  return el('button', {
    type: 'button', class: 'tab', 'aria-pressed': String(state.chosen === number), title: number,
    dataset: { order: number ?? '' }, onclick: choose,
  }, content);
}

function orderTab(order, state, choose) {
  const node = tab(order.number, el('span', { class: 'tab-number' }, short(order.number)), state, choose);
  const name = STATES[order.state];
  if (name) node.append(el('span', { class: `tab-state tab-${order.state}` }, word(name)));
  return node;
}

/** The end of a number tells orders apart; its beginning is the date. */
function short(number) {
  return number.length > 8 ? `…${number.slice(-6)}` : number;
}

function earlier(orders, state, choose) {
  const listed = orders.slice(0, MAX_LISTED);
  const mine = listed.some(({ number }) => number === state.chosen);
  const field = el('select', { class: mine ? 'tab is-chosen' : 'tab', 'aria-label': word('olderOrders') },
    el('option', { value: '' }, `${word('olderOrders')} (${orders.length})`),
    ...listed.map(({ number, user, state: at }) => el('option', { value: number },
      [number, user, STATES[at] && word(STATES[at])].filter(Boolean).join(' · '))));
  field.value = mine ? state.chosen : '';
  field.addEventListener('change', () => field.value && choose(field.value));
  return field;
}
