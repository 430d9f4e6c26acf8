/** The story's store: newest revisions, the order filter, and what is dropped. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createStore, ordersOf, startsOf, viewOf } from '../../../crates/sandbox/phone/web/story/store.js';
import { entry } from './entry.mjs';

test('an entry is updated in place by a newer revision and by no older one', () => {
  const store = createStore();
  assert.equal(store.put(entry({ id: 1, revision: 1, outcome: 'pending' })), true);
  assert.equal(store.put(entry({ id: 1, revision: 3, outcome: 'ok' })), true);
  assert.equal(store.put(entry({ id: 1, revision: 2, outcome: 'pending' })), false);
  assert.deepEqual(store.entries().map(({ outcome }) => outcome), ['ok']);
});

test('entries come out in the order in which they began', () => {
  const store = createStore();
  for (const id of [2, 3, 1]) store.put(entry({ id, revision: id }));
  assert.deepEqual(store.entries().map(({ id }) => id), [1, 2, 3]);
});

test('beyond the limit the oldest entries go and do not come back', () => {
  const store = createStore(2);
  for (const id of [1, 2, 3]) store.put(entry({ id, revision: id }));
  assert.deepEqual(store.entries().map(({ id }) => id), [2, 3]);
  assert.equal(store.droppedAny(), true);
  assert.equal(store.put(entry({ id: 1, revision: 9 })), false);
});

test('a cleared view shows only what begins later, a reset forgets even that', () => {
  const store = createStore();
  store.put(entry({ id: 5, revision: 5 }));
  store.hide();
  assert.equal(store.put(entry({ id: 5, revision: 6 })), false);
  assert.equal(store.put(entry({ id: 6, revision: 7 })), true);
  store.reset();
  assert.equal(store.put(entry({ id: 1, revision: 1 })), true);
});

test('orders are listed newest first with buyer and state', () => {
  const orders = ordersOf([
    entry({ id: 1, out_trade_no: 'A', user: 'demo' }),
    entry({ id: 2, out_trade_no: 'B', user: 'lin' }),
    entry({ id: 3, out_trade_no: 'A', kind: 'state', trade_state: 'SUCCESS' }),
  ]);
  assert.deepEqual(orders.map(({ number, user, state }) => [number, user, state]), [['B', 'lin', null], ['A', 'demo', 'SUCCESS']]);
});

const TALE = [
  entry({ id: 1, user: 'demo', real_ms: 0 }),
  entry({ id: 2, user: 'demo', real_ms: 10, out_trade_no: 'A' }),
  entry({ id: 3, user: 'demo', real_ms: 20 }),
  entry({ id: 4, user: 'lin', real_ms: 30 }),
  entry({ id: 5, user: null, real_ms: 40, kind: 'switch' }),
  entry({ id: 6, user: 'demo', real_ms: 50, out_trade_no: 'B' }),
  entry({ id: 7, user: null, real_ms: 60, kind: 'switch' }),
];

test('an order is told with what its buyer did just before it, and not with the order before that', () => {
  assert.deepEqual(viewOf(TALE, 'A').map(({ id }) => id), [1, 2]);
  assert.deepEqual(viewOf(TALE, 'B').map(({ id }) => id), [3, 6, 7]);
});

test('all entries are in the view of everything, also those without an order', () => {
  assert.equal(viewOf(TALE, null).length, TALE.length);
});

test('an order that nobody knows has no entries', () => {
  assert.deepEqual(viewOf(TALE, 'C'), []);
});

test('what happened long before an order is not told with it', () => {
  const view = viewOf([entry({ id: 1, user: 'demo', real_ms: 0 }), entry({ id: 2, user: 'demo', out_trade_no: 'A', real_ms: 500_000 })], 'A');
  assert.deepEqual(view.map(({ id }) => id), [2]);
});

test('time is counted from the first entry of the order, in the view of one from its beginning', () => {
  const all = startsOf(TALE);
  assert.equal(all(TALE[5]), 50);
  assert.equal(all(TALE[3]), 0);
  const one = viewOf(TALE, 'B');
  assert.equal(startsOf(one)(TALE[5]), 20);
});
