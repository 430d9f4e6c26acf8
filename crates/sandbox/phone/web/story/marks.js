/** Marks on a row: outcome, seal, pills. Each has a shape and a word besides its colour. */

import { el } from '../frame/dom.js';
import { word } from '../frame/prefs.js';

const SVG = 'http://www.w3.org/2000/svg';

/** Shapes differ, so that they are told apart without colour. */
const OUTCOMES = {
  ok: ['M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z', 'M5 8.2l2.1 2.2L11 6', 'outcomeOk'],
  refused: ['M8 .8 15.2 8 8 15.2 .8 8z', 'M8 4.8v3.8M8 10.9v.1', 'outcomeRefused'],
  failed: ['M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2z', 'M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6', 'outcomeFailed'],
  lost: ['M2 3.5h12v9H2z', 'M2.5 4l11 8M13.5 4l-11 8', 'outcomeLost'],
  pending: ['M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z', 'M8 5v3l2 1.5', 'underWay'],
};

function shape(paths, name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', name);
  svg.setAttribute('aria-hidden', 'true');
  for (const d of paths) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

/** @param {keyof typeof OUTCOMES} outcome */
export function outcomeMark(outcome) {
  const [body, sign, name] = OUTCOMES[outcome] ?? OUTCOMES.pending;
  return el('span', { class: `outcome is-${outcome}` },
    shape([body, sign], 'outcome-shape'), el('span', { class: 'hidden-text' }, word(name)));
}

const VERDICTS = { passed: ['验', 'sealPassed'], failed: ['✕', 'sealFailed'], none: ['—', 'sealNone'] };

/**
 * The verdict on a signature, as a seal with its words.
 *
 * @param {keyof typeof VERDICTS} verdict
 */
export function seal(verdict) {
  const [letter, name] = VERDICTS[verdict];
  return el('span', { class: `seal is-${verdict}` },
    el('span', { class: 'seal-stamp', 'aria-hidden': 'true' }, letter), word(name));
}

/** @param {string} text @param {string} kind */
export function pill(text, kind) {
  return el('span', { class: `pill is-${kind}` }, text);
}

const FAULT_WORDS = {
  lose: 'kindLose', delay: 'kindDelay', status: 'kindStatus', timeout: 'kindTimeout', html: 'kindHtml',
  unsigned: 'kindUnsigned', wrong_signature: 'kindWrongSignature', signtest: 'kindSigntest',
  unknown_serial: 'kindUnknownSerial', stale: 'kindStale', duplicate: 'kindDuplicate',
};

/** @param {string} kind */
export function faultPill(kind) {
  return pill(word('faultStrikes', { kind: FAULT_WORDS[kind] ? word(FAULT_WORDS[kind]) : kind }), 'fault');
}
