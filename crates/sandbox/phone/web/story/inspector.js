/** What is inside an entry: request, answer, the strings that were signed, the decrypted resource. */

import { el, freshId, icon } from '../frame/dom.js';
import { said, sentence, word } from '../frame/prefs.js';
import { pageOf } from './pages.js';
import { bodyNode, jsonNode } from './json.js';
import { faultPill, seal } from './marks.js';
import { authorization, signedLines } from './signed.js';

/** How long a button says that it has copied. */
const COPIED_MS = 1_500;
/** Headers that carry the protocol come first and stand out. */
const WEIGHTY = /^(authorization|wechatpay-|request-id)/i;

/**
 * @param {import('./store.js').Entry & Record<string, any>} entry
 * @param {{ tab: string }} state
 */
export function inspector(entry, state) {
  const tabs = tabsOf(entry);
  if (!tabs.some(([name]) => name === state.tab)) state.tab = tabs[0][0];
  const panel = el('div', { class: 'panel', role: 'tabpanel', id: freshId('panel'), tabindex: 0 });
  const buttons = tabs.map(([name, label]) => el('button', {
    type: 'button', class: 'panel-tab', role: 'tab', id: freshId('tab'),
    dataset: { tab: name }, 'aria-controls': panel.id, onclick: () => choose(name),
  }, word(label)));
  const choose = (name) => {
    state.tab = name;
    for (const button of buttons) {
      const on = button.dataset.tab === name;
      button.setAttribute('aria-selected', String(on));
      button.tabIndex = on ? 0 : -1;
      if (on) panel.setAttribute('aria-labelledby', button.id);
    }
    panel.replaceChildren(...tabs.find(([known]) => known === name)[2](entry).filter(Boolean));
  };
  const list = el('div', { class: 'panel-tabs', role: 'tablist' }, ...buttons);
  list.addEventListener('keydown', (event) => walk(event, buttons));
  choose(state.tab);
  return el('div', { class: 'inspector', id: freshId('inspector') },
    el('div', { class: 'panel-head' }, list, officialPage(entry)), panel);
}

function tabsOf(entry) {
  const wire = entry.request || entry.answer;
  const why = entry.causes?.length > 0 || entry.fault || ((entry.outcome !== 'ok' || !wire) && entry.says);
  return [
    (wire || !why) && ['request', 'tabRequest', requestTab],
    wire && ['answer', 'tabAnswer', answerTab],
    entry.signed?.length > 0 && ['signed', 'tabSigned', signedTab],
    entry.plaintext && ['plain', 'tabPlain', plainTab],
    why && ['why', 'tabWhy', whyTab],
  ].filter(Boolean);
}

/** Arrow keys walk the tabs, as everywhere. */
function walk(event, buttons) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const now = buttons.indexOf(document.activeElement);
  const next = buttons[(now + step + buttons.length) % buttons.length];
  next.focus();
  next.click();
  event.preventDefault();
}

function officialPage(entry) {
  const href = pageOf(entry);
  return href && el('a', {
    class: 'panel-link', href, target: '_blank', rel: 'noreferrer noopener',
  }, word('officialPage'), icon('link'));
}

function requestTab({ request }) {
  if (!request) return [note(word('noRequest'))];
  return [
    el('div', { class: 'panel-line' },
      el('code', { class: 'request-line' }, el('b', {}, request.method), request.target ? ` ${request.target}` : ''),
      request.target && copyButton(request.target)),
    ...message(request),
  ];
}

function answerTab({ answer, outcome }) {
  if (!answer) return [note(word(outcome === 'lost' ? 'noAnswerLost' : 'noAnswer'))];
  return [el('div', { class: 'panel-line' }, statusLine(answer)), ...message(answer)];
}

/** What the phone's own calls answer has no status. */
function statusLine({ status }) {
  return status && el('code', { class: 'request-line' }, 'HTTP ', el('b', {}, String(status)));
}

function message({ headers, body }) {
  const rows = Object.entries(headers ?? {}).sort(([a], [b]) => Number(WEIGHTY.test(b)) - Number(WEIGHTY.test(a)));
  return [
    rows.length > 0 && heading('headers'),
    rows.length > 0 && el('table', { class: 'headers' }, el('tbody', {}, ...rows.map(headerRow))),
    heading('body', body && copyButton(body)),
    body ? bodyNode(body) : note(word('noBody')),
  ];
}

function headerRow([name, value]) {
  const known = name.toLowerCase() === 'authorization' ? authorization(value) : null;
  return el('tr', { class: WEIGHTY.test(name) ? 'weighty' : null },
    el('th', { scope: 'row' }, name),
    el('td', {}, known ? known.scheme : value, known && members(known.members)));
}

function members(pairs) {
  const rows = pairs.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]);
  return el('dl', { class: 'members' }, ...rows);
}

function signedTab({ signed, verdict, kind }) {
  return [
    ...signed.flatMap((one) => [
      el('div', { class: 'panel-line' }, el('h4', { class: 'heading' }, said(one.what)),
        verdict && signed.indexOf(one) === 0 && kind !== 'state' && seal(verdict), copyButton(one.text)),
      el('ol', { class: 'signed' }, ...signedLines(one.text).map(signedLine)),
      note(word(one.signer === 'platform' ? 'signedByPlatform' : 'signedByMerchant')),
    ]),
    note(word('signedLines')),
  ];
}

function signedLine({ label, text, ended }) {
  return el('li', {},
    el('span', { class: 'signed-label' }, label ? word(label) : ''),
    el('code', { class: 'signed-text' },
      text === '' ? el('i', {}, word('lineEmpty')) : text,
      el('span', { class: ended ? 'feed' : 'feed is-missing' }, ended ? '⏎' : '⌀')));
}

function plainTab({ plaintext }) {
  const text = typeof plaintext === 'string' ? plaintext : JSON.stringify(plaintext);
  return [
    note(word('plainNote')),
    el('div', { class: 'panel-line' }, el('h4', { class: 'heading' }, 'resource'), copyButton(text)),
    typeof plaintext === 'string' ? bodyNode(plaintext) : jsonNode(plaintext),
  ];
}

function whyTab({ causes, fault, says }) {
  return [
    fault && el('div', { class: 'panel-line' },
      faultPill(fault), el('span', {}, word('whyFault'))),
    says && el('p', { class: 'why-says' }, sentence(says)),
    causes?.length > 0 && el('ul', { class: 'causes' }, ...causes.map((cause) => el('li', {},
      icon('warn'), el('span', {}, sentence(cause))))),
  ];
}

function heading(key, extra) {
  return el('div', { class: 'panel-line' }, el('h4', { class: 'heading' }, word(key)), extra);
}

function note(text) {
  return el('p', { class: 'note' }, text);
}

function copyButton(text) {
  const label = el('span', {}, word('copy'));
  const button = el('button', {
    type: 'button', class: 'copy', onclick: async () => {
      const done = await navigator.clipboard?.writeText(text).then(() => true, () => false);
      label.textContent = word(done ? 'copied' : 'copyFailed');
      setTimeout(() => { label.textContent = word('copy'); }, COPIED_MS);
    },
  }, icon('copy'), label);
  return button;
}
