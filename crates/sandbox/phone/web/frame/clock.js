/** The platform's clock: ticks between two looks at it, and can be moved ahead. */

import { call } from './api.js';
import { el } from './dom.js';
import { onLive } from './live.js';
import { complain, notice } from './notice.js';
import { apply, onPreference, word } from './prefs.js';
import { beijing, spanParts } from './time.js';

/** Below this the difference is rounding, not an advance. */
const AHEAD_SECONDS = 2;
const SAME_CLOCK_MS = 3_000;
/** The control plane's own limit is ten years; a person who types more has mistyped. */
const MAX_MINUTES = 366 * 24 * 60;
const STEPS = [['addMinute', 60], ['addHalfHour', 1800], ['addDay', 86_400]];

/** All in milliseconds. */
let ahead = 0;
let drift = 0;
let frozenAt = null;

/** Virtual time now, in milliseconds. */
export function virtualNow() {
  return frozenAt ?? Date.now() + drift + ahead;
}

/** @param {number} seconds */
export function spanText(seconds) {
  return spanParts(seconds).map(([key, n]) => word(key, { n })).join(' ');
}

/** The answer has whole seconds; this machine's clock is finer, unless it is another machine's. */
function learn({ now, real, flow }) {
  const virtual = Date.parse(now);
  ahead = virtual - Date.parse(real);
  drift = Date.parse(real) - Date.now();
  if (Math.abs(drift) < SAME_CLOCK_MS) drift = 0;
  frozenAt = flow === 'frozen' ? virtual : null;
}

async function look() {
  learn(await call('GET', '/control/clock'));
}

async function advance(seconds, buttons) {
  for (const button of buttons) button.disabled = true;
  notice(word('advancing'));
  try {
    learn(await call('POST', '/control/clock/advance', { seconds }));
    notice(word('advanced', { by: spanText(seconds) }));
  } catch (error) {
    complain(error);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

/** @param {HTMLElement} place */
export function clock(place) {
  const date = el('span', { class: 'clock-date' });
  const time = el('time', { class: 'clock-time' });
  const lead = el('span', { class: 'clock-ahead' });
  const buttons = STEPS.map(([key, seconds]) => el('button', {
    type: 'button', class: 'button', dataset: { word: key, advance: seconds },
    onclick: () => advance(seconds, buttons),
  }));
  place.replaceChildren(
    el('div', { class: 'clock-face' },
      el('span', { class: 'clock-label', dataset: { word: 'clock' } }), date, time, lead),
    ...buttons,
    custom((seconds) => advance(seconds, buttons)),
  );
  const tick = () => show(date, time, lead);
  setInterval(tick, 1000);
  onPreference(tick);
  onLive('clock', () => look().then(tick, complain));
  onLive('reset', () => look().then(tick, complain));
  apply(place);
  return look().then(tick, complain);
}

function show(date, time, lead) {
  const now = beijing(virtualNow());
  date.textContent = now.date;
  time.textContent = now.time;
  const seconds = ahead / 1000;
  lead.hidden = frozenAt === null && seconds < AHEAD_SECONDS;
  const running = word('clockAhead', { ahead: spanText(seconds) });
  lead.textContent = frozenAt === null ? running : word('clockFrozen');
}

function custom(run) {
  const input = el('input', {
    type: 'number', min: 1, max: MAX_MINUTES, value: 120, required: true,
    dataset: { name: 'customMinutes' },
  });
  const form = el('form', { class: 'clock-form', hidden: true },
    el('span', { dataset: { word: 'customMinutes' } }), input,
    el('button', { type: 'submit', class: 'button', dataset: { word: 'advance' } }));
  const opener = el('button', {
    type: 'button', class: 'button', 'aria-expanded': 'false', dataset: { word: 'addCustom' },
    onclick: () => toggle(form.hidden),
  });
  const toggle = (open) => {
    form.hidden = !open;
    opener.setAttribute('aria-expanded', String(open));
    if (open) input.focus();
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    toggle(false);
    run(Math.round(Number(input.value) * 60));
  });
  const box = el('div', { class: 'clock-custom' }, opener, form);
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || form.hidden) return;
    toggle(false);
    opener.focus();
  });
  return box;
}
