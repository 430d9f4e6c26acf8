/** One row of the diagram: an arrow there, its words, and the answer's arrow back. */

import { el } from '../frame/dom.js';
import { said, sentence, word } from '../frame/prefs.js';
import { plus } from '../frame/time.js';
import { gistOf } from './gist.js';
import { faultPill, outcomeMark, pill, seal } from './marks.js';

const LANES = ['phone', 'server', 'platform'];
/** A path that is longer is shown by its end, which tells calls apart. */
const MAX_TARGET = 64;
/** Of an order's number its end is enough; the whole is on its tab. */
const NUMBER_END = 6;
const CALL = /^[A-Z]+ \//;

/**
 * @typedef {import('./sequence.js').Row & { since: number, open: boolean, named: boolean }} Timed
 * `since` in milliseconds from the first entry; `named` when several people are in sight.
 */

/** @param {Timed} row */
export function rowNode(row) {
  const { entry, part, busy, open } = row;
  const id = part === 'answer' ? { answer: entry.id } : { entry: entry.id };
  return el('li', { class: classes(row), dataset: id },
    el('button', {
      type: 'button', class: 'row', 'aria-expanded': String(open), dataset: { open: entry.id },
    }, when(row), ...LANES.map((lane) => bar(lane, busy[lane])), content(row)));
}

function classes({ entry: { kind, from, to, outcome }, part }) {
  return `entry kind-${kind} part-${part} from-${from} to-${to} is-${outcome}`;
}

function content({ entry, part }) {
  if (entry.kind === 'state') return stateRow(entry);
  if (entry.kind === 'switch') return switchRow(entry);
  return part === 'answer' ? answerRow(entry) : callRow(entry, part);
}

function when({ entry, part, since, named }) {
  const who = named && entry.from === 'phone' && part !== 'answer' ? entry.user : null;
  return el('span', { class: 'when', title: entry.at },
    plus(since), who && el('span', { class: 'who' }, who));
}

function bar(lane, shape) {
  return shape && el('span', { class: `bar on-${lane} is-${shape}`, 'aria-hidden': 'true' });
}

function says(entry) {
  return entry.says && el('span', { class: 'says' }, sentence(entry.says));
}

function callRow(entry, part) {
  const marks = [...marksOf(entry)];
  return el('span', { class: 'span' },
    title(entry),
    el('span', { class: 'arrow there', 'aria-hidden': 'true' }),
    el('span', { class: 'text' },
      target(entry),
      part === 'whole' && says(entry),
      marks.length > 0 && el('span', { class: 'marks' }, ...marks)),
    part === 'whole' && back(entry));
}

function answerRow(entry) {
  return el('span', { class: 'span' },
    entry.says && el('span', { class: 'text' }, says(entry)),
    back(entry, briefly(said(entry.title), entry)));
}

/** The answer's way back. Under way it is not drawn, and what was lost never came back. */
function back(entry, name) {
  const { outcome, took_ms: took } = entry;
  if (outcome === 'pending') {
    return el('span', { class: 'waiting' }, outcomeMark('pending'), word('underWay'));
  }
  const gist = gistOf(entry);
  const about = gist ?? name;
  return el('span', { class: `arrow back is-${outcome}` },
    el('span', { class: 'label' },
      outcomeMark(outcome),
      answerText(entry, gist),
      about && el('span', { class: gist ? 'label-of is-gist' : 'label-of' }, about),
      took > 0 && outcome !== 'lost' && el('span', { class: 'took' }, `${took} ms`)));
}

function answerText(entry, gist) {
  if (entry.outcome === 'lost') return word('outcomeLost');
  const name = { refused: word('outcomeRefused'), failed: word('outcomeFailed') }[entry.outcome];
  const text = [entry.status, errorCode(entry) ?? name].filter(Boolean).join(' ');
  return text || (gist ? '' : word('outcomeOk'));
}

/** The word that a program branches on says more than its number. */
function errorCode({ outcome, kind, answer }) {
  if (outcome === 'ok' || kind !== 'api') return null;
  const found = /"(?:code|errcode)"\s*:\s*"?([A-Z_0-9]+)"?/.exec(answer?.body ?? '');
  return found ? found[1] : null;
}

/** A request between mini program and shop has no name but its path. */
function title(entry) {
  const text = briefly(said(entry.title), entry);
  return el('span', { class: CALL.test(text) ? 'title is-call' : 'title' }, text);
}

function target(entry) {
  const { request, kind } = entry;
  if (!request || kind === 'login_code' || CALL.test(said(entry.title))) return null;
  const path = String(request.target).replace(/^https?:\/\/[^/]+/, '').replace(/\?.*$/, '');
  const brief = briefly(path, entry);
  const short = brief.length > MAX_TARGET ? `…${brief.slice(1 - MAX_TARGET)}` : brief;
  return el('code', { class: 'target' }, `${request.method} ${short}`);
}

function briefly(text, { out_trade_no: number }) {
  if (!number || number.length <= NUMBER_END + 1) return text;
  return text.replaceAll(number, `…${number.slice(-NUMBER_END)}`);
}

function* marksOf(entry) {
  const { verdict, fault, causes } = entry;
  if (verdict && (verdict !== 'none' || isSigned(entry))) yield seal(verdict);
  if (fault) yield faultPill(fault);
  if (causes?.length > 0) yield pill(`${word('whyCount')} · ${causes.length}`, 'why');
}

/** Login, and what phone and shop say, is not signed by design: no word about it. */
function isSigned({ kind, request }) {
  return kind === 'notification' || (kind === 'api' && /\/v3\//.test(request?.target ?? ''));
}

function stateRow(entry) {
  const refund = entry.refund_status ? `refund-${entry.refund_status}` : 'other';
  const name = entry.trade_state ?? refund;
  return el('span', { class: 'span' },
    el('span', { class: 'text' },
      el('span', { class: `state state-${name}` }, outcomeMark(entry.outcome), said(entry.title)),
      says(entry)));
}

function switchRow(entry) {
  return el('span', { class: 'band' },
    el('span', { class: 'band-title' }, said(entry.title)), says(entry));
}
