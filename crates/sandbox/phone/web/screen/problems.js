/** What is wrong with the mini program, shown on the phone to the one who writes it. */

import { button, el } from './dom.js';
import { scriptErrors } from './errors.js';
import { choose, word } from './words.js';

/** The first ones matter; a loop that fails each second must not fill the page. */
const MAX_KEPT = 50;
const MAX_SHOWN = 3;

/** @type {{ kind: string, title: string, where: string, text: string }[]} */
let list = [];

export function watchScriptErrors() {
  scriptErrors.on(({ message, file, line }) => {
    add({ kind: 'script', title: word('scriptError'), where: file ? `${file}:${line}` : '', text: message });
  });
}

/** @param {any[]} issues of the compiler; warnings are in issues.json only */
export function showIssues(issues) {
  for (const { severity, file, line, column, zh, en } of issues) {
    const where = [file, line, column].filter((part) => part !== null && part !== undefined).join(':');
    if (severity === 'error') add({ kind: 'compile', title: word('compileError'), where, text: choose(zh, en) });
  }
}

/** The phone itself could not start. */
export function showBootFailure(error) {
  add({ kind: 'boot', title: word('bootFailed'), where: '', text: `${word('bootFailedWhy')}\n${error.message}` });
}

/** A note for the developer about a call that the phone refused. */
export function explain(title, text, where = '') {
  add({ kind: 'note', title, where, text });
}

function add(problem) {
  const known = list.some(({ where, text }) => where === problem.where && text === problem.text);
  if (known || list.length >= MAX_KEPT) return;
  list.push(problem);
  draw();
}

function clear() {
  list = [];
  draw();
}

function draw() {
  document.getElementById('problems').replaceChildren(...(list.length > 0 ? [panel()] : []));
}

function panel() {
  const rest = list.length - MAX_SHOWN;
  return el('section', { class: 'problem-panel', role: 'alert', 'aria-label': list[0].title },
    ...list.slice(0, MAX_SHOWN).map(({ kind, title, where, text }) => el('div', { class: `problem-row ${kind}` },
      el('strong', {}, title), where && el('code', {}, where), el('p', {}, text))),
    rest > 0 && el('p', { class: 'problem-rest' }, word('moreProblems', { n: rest })),
    button({ class: 'problem-close', 'aria-label': word('close'), onclick: clear }, '✕'));
}
