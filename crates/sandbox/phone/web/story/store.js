/** What is known of the story: entries by id, the newest revision of each. Pure. */

/**
 * @typedef {object} Entry
 * @property {number} id
 * @property {number} revision
 * @property {string} at
 * @property {number} real_ms
 * @property {number | null} took_ms
 * @property {'phone' | 'server' | 'platform' | 'operator'} from
 * @property {'phone' | 'server' | 'platform'} to
 * @property {string} kind
 * @property {{ zh: string, en: string }} title
 * @property {{ zh: string, en: string } | null} says
 * @property {'pending' | 'ok' | 'refused' | 'failed' | 'lost'} outcome
 * @property {string | null} user
 * @property {string | null} out_trade_no
 * @property {string | null} [trade_state] of kind `state`: the order's new one
 * @property {string | null} [refund_status] of kind `state`: the new one of a refund of the order
 * @property {any} [request]
 * @property {any} [answer]
 */

/** Rows beyond this make scrolling heavy, and nobody reads them; the page says so. */
export const MAX_ENTRIES = 500;
/** What a buyer did shortly before an order belongs to its story: logging in, looking at goods. */
const LEAD_MS = 120_000;
/** The latest steps of it are enough. */
const MAX_LEAD = 10;

/** @param {number} [limit] */
export function createStore(limit = MAX_ENTRIES) {
  /** @type {Map<number, Entry>} */
  const known = new Map();
  let dropped = 0;
  let hiddenUpTo = 0;
  return {
    /**
     * Takes an entry, new or changed. False: it was known, or is older than what is kept.
     * @param {Entry} entry
     */
    put(entry) {
      const old = known.get(entry.id);
      if (entry.id <= hiddenUpTo || (old && old.revision >= entry.revision)) return false;
      if (!old && entry.id <= dropped) return false;
      known.set(entry.id, entry);
      while (known.size > limit) {
        dropped = Math.min(...known.keys());
        known.delete(dropped);
      }
      return true;
    },
    entries: () => [...known.values()].sort((a, b) => a.id - b.id),
    droppedAny: () => dropped > 0,
    /** Shows only what comes from here on. */
    hide() {
      hiddenUpTo = Math.max(hiddenUpTo, ...known.keys());
      known.clear();
      dropped = 0;
    },
    /** The sandbox begins anew; it may count from one again. */
    reset() {
      known.clear();
      dropped = 0;
      hiddenUpTo = 0;
    },
  };
}

/**
 * The orders that are told of, newest first, each with its buyer and its state at WeChat.
 *
 * @param {Entry[]} entries in order
 */
export function ordersOf(entries) {
  const orders = new Map();
  for (const entry of entries) {
    const number = entry.out_trade_no;
    if (!number) continue;
    const order = orders.get(number) ?? { number, user: null, since: entry.real_ms, first: entry.id, state: null };
    order.user ??= entry.user;
    order.state = entry.trade_state ?? order.state;
    orders.set(number, order);
  }
  return [...orders.values()].reverse();
}

/**
 * The entries of one order, what its buyer did just before it, and the switches thrown meanwhile;
 * for `null` everything.
 *
 * @param {Entry[]} entries in order
 * @param {string | null} number
 */
export function viewOf(entries, number) {
  if (number === null) return entries;
  const own = entries.filter((entry) => entry.out_trade_no === number);
  if (own.length === 0) return own;
  const [first, last] = [own[0], own.at(-1)];
  const user = own.find((entry) => entry.user)?.user ?? null;
  const lead = leadOf(entries, first, user);
  const newest = entries.at(-1) === last || ordersOf(entries)[0].number === number;
  return entries.filter((entry) => lead.has(entry.id) || entry.out_trade_no === number
    || (entry.kind === 'switch' && entry.id > first.id && (newest || entry.id < last.id)));
}

/** What belongs to the order before it has a number: not what belongs to the order before that. */
function leadOf(entries, first, user) {
  const before = entries.filter((entry) => entry.id < first.id && user !== null && entry.user === user
    && first.real_ms - entry.real_ms <= LEAD_MS);
  const own = before.slice(before.findLastIndex((entry) => entry.out_trade_no) + 1);
  return new Set(own.slice(-MAX_LEAD).map(({ id }) => id));
}

/**
 * From when the time of each entry is counted: the first entry of its order, else of the view.
 *
 * @param {Entry[]} shown
 * @returns {(entry: Entry) => number}
 */
export function startsOf(shown) {
  const starts = new Map();
  for (const { out_trade_no: number, real_ms: ms } of shown) if (!starts.has(number)) starts.set(number, ms);
  const begin = shown[0]?.real_ms ?? 0;
  const numbers = [...starts.keys()].filter(Boolean);
  if (numbers.length <= 1) return () => begin;
  return ({ out_trade_no: number }) => (number ? starts.get(number) : begin);
}
