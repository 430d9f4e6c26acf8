/** One row of the diagram: an arrow there, its words, and the answer's arrow back. */

import { plus } from '../frame/time.js';
import { el } from '../frame/dom.js';
import { said, sentence, word } from '../frame/prefs.js';
import { gistOf } from './gist.js';
import { faultPill, outcomeMark, pill, seal } from './marks.js';
import { stateOf } from './store.js';

const LANES = ['phone', 'server', 'platform'];
/** A path that is longer is shown by its end, which tells orders apart. */
const MAX_TARGET = 64;
const CALL = /^[A-Z]+ \//;

/**
 * @param {import('./sequence.js').Row} row
 * @param {number} start from when its time is counted
 * @param {boolean} open
 */
export function rowNode(row, start, open) {
  const { entry, part } = row;
  const content = {
    state: stateRow, switch: switchRow,
  }[entry.kind]?.(entry) ?? (part === 'answer' ? answerRow(entry) : callRow(entry, part));
  return el('li', {
    class: classes(row), dataset: part === 'answer' ? { answer: entry.id } : { entry: entry.id },
  },
  el('button', { type: 'button', class: 'row', 'aria-expanded': String(open), dataset: { open: entry.id } },
    when(row, start), ...LANES.map((lane) => bar(lane, row.busy[lane])), content));
}

function classes({ entry, part }) {
  return `entry kind-${entry.kind} part-${part} from-${entry.from} to-${entry.to} is-${entry.outcome}`;
}

function when({ entry, part }, start) {
  const ms = part === 'answer' ? entry.real_ms + entry.took_ms : entry.real_ms;
  return el('span', { class: 'when', title: entry.at }, plus(ms - start));
}

function bar(lane, shape) {
  return shape ? el('span', { class: `bar on-${lane} is-${shape}`, 'aria-hidden': 'true' }) : null;
}

function callRow(entry, part) {
  const marks = [...verdicts(entry)];
  return el('span', { class: 'span' },
    titleOf(entry),
    arrow('there'),
    el('span', { class: 'text' },
      target(entry),
      part === 'whole' && entry.says && el('span', { class: 'says' }, sentence(entry.says)),
      marks.length > 0 && el('span', { class: 'marks' }, ...marks)),
    part === 'whole' && back(entry));
}

function answerRow(entry) {
  return el('span', { class: 'span' },
    entry.says && el('span', { class: 'text' }, el('span', { class: 'says' }, sentence(entry.says))),
    back(entry, said(entry.title)));
}

/** The answer's way back; under way it is not drawn, and what was lost never came back. */
function back(entry, title) {
  if (entry.outcome === 'pending') return el('span', { class: 'waiting' }, outcomeMark('pending'), word('underWay'));
  const gist = gistOf(entry);
  const about = gist ?? title;
  const label = el('span', { class: 'label' },
    outcomeMark(entry.outcome), answerText(entry, gist),
    about && el('span', { class: gist ? 'label-of is-gist' : 'label-of' }, about),
    entry.took_ms > 0 && entry.outcome !== 'lost' && el('span', { class: 'took' }, `${entry.took_ms} ms`));
  return el('span', { class: `arrow back is-${entry.outcome}` }, label);
}

function answerText(entry, gist) {
  if (entry.outcome === 'lost') return word('outcomeLost');
  const code = entry.status === null || entry.status === undefined ? '' : String(entry.status);
  const name = { ok: '', refused: word('outcomeRefused'), failed: word('outcomeFailed') }[entry.outcome] ?? '';
  return [code, errorCode(entry) ?? name].filter(Boolean).join(' ') || (gist ? '' : word('outcomeOk'));
}

/** The word that a program branches on says more than its number. */
function errorCode(entry) {
  if (entry.outcome === 'ok' || entry.kind !== 'api') return null;
  const found = /"(?:code|errcode)"\s*:\s*"?([A-Z_0-9]+)"?/.exec(entry.answer?.body ?? '');
  return found ? found[1] : null;
}

function arrow(way) {
  return el('span', { class: `arrow ${way}`, 'aria-hidden': 'true' });
}

/** A request between mini program and shop has no name but its path. */
function titleOf({ title }) {
  const text = said(title);
  return el('span', { class: CALL.test(text) ? 'title is-call' : 'title' }, text);
}

function target({ request, title, kind }) {
  if (!request || kind === 'cashier' || kind === 'login_code' || CALL.test(said(title))) return null;
  const path = String(request.target).replace(/^https?:\/\/[^/]+/, '').replace(/\?.*$/, '');
  const short = path.length > MAX_TARGET ? `…${path.slice(1 - MAX_TARGET)}` : path;
  return el('code', { class: 'target' }, `${request.method} ${short}`);
}

function* verdicts(entry) {
  if (entry.verdict && (entry.verdict !== 'none' || signable(entry))) yield seal(entry.verdict);
  if (entry.fault) yield faultPill(entry.fault);
  if (entry.causes?.length > 0) yield pill(`${word('whyCount')} · ${entry.causes.length}`, 'why');
}

/** Login, and what phone and shop say to each other, is not signed by design: no word about it. */
function signable({ kind, request }) {
  return kind === 'notification' || (kind === 'api' && /\/v3\//.test(request?.target ?? ''));
}

function stateRow(entry) {
  const state = stateOf(entry);
  return el('span', { class: 'span' },
    el('span', { class: 'text' },
      el('span', { class: `state state-${state ?? 'other'}` }, outcomeMark(entry.outcome), said(entry.title)),
      entry.says && el('span', { class: 'says' }, sentence(entry.says))));
}

function switchRow(entry) {
  return el('span', { class: 'band' },
    el('span', { class: 'band-title' }, said(entry.title)),
    entry.says && el('span', { class: 'says' }, sentence(entry.says)));
}
