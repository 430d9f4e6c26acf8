/** Switches for what goes wrong: each shows whether it is armed and when it has struck. */

import { call } from './api.js';
import { el, icon } from './dom.js';
import { FAULTS, armed, without } from './faults.js';
import { onLive } from './live.js';
import { complain } from './notice.js';
import { apply, onPreference, word } from './prefs.js';

/** A burst of events asks once. */
const SETTLE_MS = 120;
/** Scripts are also changed by curl, which the page does not hear of. */
const POLL_MS = 5_000;
/** Long enough to be noticed by somebody who was looking at the phone. */
const STRUCK_MS = 8_000;

let script = [];
const buttons = new Map();
const struckUntil = new Map();
const endsAt = new Map();
/** Switched off by hand: their going is not a strike. */
const released = new Set();

/** @param {HTMLElement} place */
export function switches(place) {
  const others = el('span', { class: 'switches-name' });
  const clear = el('button', {
    type: 'button', class: 'button quiet switches-clear', dataset: { fault: 'clear', name: 'faultClear' }, onclick: () => run(clearAll),
  }, icon('close'), el('span', { dataset: { word: 'faultClear' } }));
  place.setAttribute('role', 'group');
  place.setAttribute('data-name', 'trouble');
  place.replaceChildren(
    el('span', { class: 'switches-name', dataset: { word: 'trouble' } }),
    ...FAULTS.map(button), others, clear,
  );
  apply(place.parentElement);
  const draw = () => show(clear, others);
  onPreference(draw);
  setInterval(draw, 1000);
  setInterval(() => refresh().then(draw, () => {}), POLL_MS);
  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => refresh().then(draw, () => {}), SETTLE_MS);
  };
  onLive('story', soon);
  onLive('reset', soon);
  const run = (task) => task().then(draw, complain);
  for (const known of FAULTS) {
    buttons.get(known.id).node.addEventListener('click', () => run(() => toggle(known)));
  }
  return refresh().then(draw, complain);
}

function button({ id, icon: name, word: key, hint }) {
  const state = el('span', { class: 'switch-state' });
  const node = el('button', {
    type: 'button', class: 'button switch', 'aria-pressed': 'false', dataset: { fault: id, hint },
  }, el('span', { class: 'dot', 'aria-hidden': 'true' }), icon(name), el('span', { dataset: { word: key } }), state);
  buttons.set(id, { node, state });
  return node;
}

async function toggle({ id, fault }) {
  await refresh();
  if (armed(script).found.get(id)) {
    released.add(id);
    learn(await call('PUT', '/control/faults', { faults: without(script, fault) }));
  } else {
    learn(await call('POST', '/control/faults', { faults: [fault] }));
    struckUntil.delete(id);
    if (fault.seconds) endsAt.set(id, Date.now() + fault.seconds * 1000);
  }
}

async function clearAll() {
  for (const { id } of FAULTS) released.add(id);
  learn(await call('PUT', '/control/faults', { faults: [] }));
}

async function refresh() {
  learn(await call('GET', '/control/faults'));
}

/** What was armed and is gone without our doing has struck, or its time is over. */
function learn({ faults }) {
  const before = armed(script).found;
  const after = armed(faults).found;
  for (const { id, fault } of FAULTS) {
    const gone = before.get(id) && !after.get(id);
    if (gone && !released.has(id) && !fault.seconds) struckUntil.set(id, Date.now() + STRUCK_MS);
    if (!after.get(id)) {
      endsAt.delete(id);
      released.delete(id);
    } else if (fault.seconds && !endsAt.has(id)) {
      endsAt.set(id, Date.now() + after.get(id).seconds * 1000);
    }
  }
  script = faults;
}

function show(clear, others) {
  const { found, others: rest } = armed(script);
  for (const { id, hint } of FAULTS) {
    const { node, state } = buttons.get(id);
    const left = Math.ceil(((endsAt.get(id) ?? 0) - Date.now()) / 1000);
    const on = Boolean(found.get(id)) && (!endsAt.has(id) || left > 0);
    const struck = !on && (struckUntil.get(id) ?? 0) > Date.now();
    node.setAttribute('aria-pressed', String(on));
    node.title = word(hint);
    node.classList.toggle('struck', struck);
    state.textContent = stateText(on, struck, endsAt.has(id) ? left : null);
  }
  others.textContent = rest.length > 0 ? word('faultsOther', { n: rest.length }) : '';
  clear.disabled = script.length === 0;
}

function stateText(on, struck, left) {
  if (struck) return `✓ ${word('faultStruck')}`;
  if (!on) return '';
  return left === null ? word('faultArmed') : word('faultLeft', { n: left });
}
