/** The rows on the page, kept in step with the entries. */

import { inspector } from './inspector.js';
import { rowNode } from './rows.js';
import { rowsOf } from './sequence.js';
import { startsOf } from './store.js';

/** @param {HTMLElement} list */
export function board(list) {
  /** @type {Map<string, { node: HTMLElement, print: string }>} */
  const drawn = new Map();
  return {
    clear() {
      drawn.clear();
      list.replaceChildren();
    },
    /**
     * Rows that did not change keep their nodes, so that focus, selection and motion survive.
     * True: there are rows that were not there before.
     */
    draw(shown, state) {
      const rows = timed(shown, state);
      forget(drawn, new Set(rows.map(({ key }) => key)));
      // A story that is opened is there; only what comes while one looks on moves in.
      const opening = drawn.size === 0;
      let previous = null;
      let grown = false;
      for (const row of rows) {
        const old = drawn.get(row.key);
        const node = old?.print === row.print ? old.node : made(row, state, old);
        if (!old && !opening) node.classList.add('new');
        const next = previous ? previous.nextSibling : list.firstChild;
        if (node !== next) list.insertBefore(node, next);
        if (old && old.node !== node) old.node.remove();
        drawn.set(row.key, { node, print: row.print });
        grown ||= !old;
        previous = node;
      }
      return grown;
    },
  };
}

function forget(drawn, keys) {
  for (const [key, { node }] of drawn) {
    if (keys.has(key)) continue;
    node.remove();
    drawn.delete(key);
  }
}

/** Rows with their times, and a print of all that their looks depend on. */
function timed(shown, { opened }) {
  const start = startsOf(shown);
  const named = new Set(shown.map(({ user }) => user).filter(Boolean)).size > 1;
  let latest = 0;
  return rowsOf(shown).map((row) => {
    latest = momentOf(row, latest);
    const since = latest - start(row.entry);
    const open = row.part !== 'answer' && opened === row.entry.id;
    const looks = [row.entry.revision, row.part, row.busy, open, since, named];
    return { ...row, since, open, named, print: JSON.stringify(looks) };
  });
}

/** Rounded to milliseconds an answer may seem to come before what it waited for. */
function momentOf({ entry, part }, latest) {
  if (part !== 'answer') return entry.real_ms;
  return Math.max(entry.real_ms + entry.took_ms, latest);
}

function made(row, state, old) {
  const node = rowNode(row);
  const button = node.querySelector('.row');
  if (row.open) {
    const panel = inspector(row.entry, state);
    button.setAttribute('aria-controls', panel.id);
    node.append(panel);
  }
  if (old?.node.contains(document.activeElement)) {
    requestAnimationFrame(() => button.focus({ preventScroll: true }));
  }
  return node;
}
