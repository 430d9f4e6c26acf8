/**
 * When the server is asked how an order stands, and how.
 *
 * `refresh` makes the server ask WeChat, `read` only looks at its record, which WeChat's
 * notification updates within moments. So: one refresh at once, cheap reads while the
 * notification is likely on its way, and few refreshes further out.
 *
 * @typedef {{after_ms: number, ask: 'refresh' | 'read'}} Step  `after_ms` since the step before
 * @type {Record<'ok' | 'cancel' | 'unknown', ReadonlyArray<Readonly<Step>>>}
 */
const SCHEDULES = {
  // The cashier said ok: the answer will come. 63 s in all, then it is `pending` for the page.
  ok: [
    { after_ms: 0, ask: 'refresh' },
    { after_ms: 600, ask: 'read' },
    { after_ms: 900, ask: 'read' },
    { after_ms: 1500, ask: 'refresh' },
    { after_ms: 2000, ask: 'read' },
    { after_ms: 3000, ask: 'read' },
    { after_ms: 5000, ask: 'refresh' },
    { after_ms: 8000, ask: 'read' },
    { after_ms: 12000, ask: 'refresh' },
    { after_ms: 30000, ask: 'refresh' },
  ],
  // The buyer left. One question, because leaving and paying can cross.
  cancel: [{ after_ms: 0, ask: 'refresh' }],
  // The cashier failed, or the app was killed in it. Two refreshes that agree are believed.
  unknown: [
    { after_ms: 0, ask: 'refresh' },
    { after_ms: 1500, ask: 'read' },
    { after_ms: 2500, ask: 'refresh' },
  ],
};

module.exports = { SCHEDULES };
