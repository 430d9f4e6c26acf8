/**
 * From entries to the rows of a sequence diagram. Pure.
 *
 * A call during which the called one asks somebody else has two rows: the call where it begins and
 * the answer below what happened meanwhile. So the picture nests as the calls did.
 */

/** @typedef {import('./store.js').Entry} Entry */
/** @typedef {{ key: string, entry: Entry, part: 'whole' | 'call' | 'answer', busy: Record<string, string> }} Row */

/** These happen because of a call that is under way. */
const NESTED = new Set(['api', 'state']);
/** The clocks of two threads may differ by a rounding. */
const SLACK_MS = 1;
/** Nobody nests deeper than phone, server, platform, and the platform's own state. */
const MAX_DEPTH = 4;

function ends(entry) {
  return entry.took_ms === null ? Infinity : entry.real_ms + entry.took_ms;
}

function differ(a, b) {
  return a !== null && b !== null && a !== b;
}

/**
 * Whether `inner` happened because of `outer`, as far as one can tell from outside. A switch has no
 * answer below which it could end.
 */
function within(outer, inner) {
  return NESTED.has(inner.kind) && outer.kind !== 'switch'
    && outer.to === inner.from && outer.from !== outer.to
    && inner.id > outer.id
    && inner.real_ms <= ends(outer) + SLACK_MS
    && !differ(outer.out_trade_no, inner.out_trade_no)
    && !differ(outer.user, inner.user);
}

/** The innermost call that an entry belongs to; the latest that began is the innermost. */
function parentOf(entry, earlier) {
  for (let i = earlier.length - 1; i >= 0; i -= 1) if (within(earlier[i], entry)) return earlier[i];
  return null;
}

/**
 * @param {Entry[]} entries in order
 * @returns {Row[]}
 */
export function rowsOf(entries) {
  const children = new Map();
  const roots = [];
  entries.forEach((entry, i) => {
    const parent = parentOf(entry, entries.slice(Math.max(0, i - 40), i));
    if (!parent) roots.push(entry);
    else children.set(parent.id, [...(children.get(parent.id) ?? []), entry]);
  });
  const rows = [];
  for (const root of roots) lay(root, children, {}, rows, 0);
  return rows;
}

function lay(entry, children, busy, rows, depth) {
  const inside = depth < MAX_DEPTH ? (children.get(entry.id) ?? []) : [];
  if (inside.length === 0) {
    rows.push({ key: `${entry.id}`, entry, part: 'whole', busy: { ...busy, ...bar(entry, busy, 'whole') } });
    return;
  }
  rows.push({ key: `${entry.id}`, entry, part: 'call', busy: { ...busy, ...bar(entry, busy, 'start') } });
  for (const one of inside) lay(one, children, { ...busy, ...bar(entry, busy, 'through') }, rows, depth + 1);
  if (entry.took_ms !== null) {
    rows.push({ key: `${entry.id}-answer`, entry, part: 'answer', busy: { ...busy, ...bar(entry, busy, 'end') } });
  }
}

/** The bar on the lifeline of whoever is at work; a bar that runs through is not begun again. */
function bar(entry, busy, shape) {
  if (entry.from === entry.to || entry.kind === 'switch' || entry.outcome === 'lost') return {};
  return busy[entry.to] ? {} : { [entry.to]: shape };
}
