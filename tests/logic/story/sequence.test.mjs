/** From entries to rows: calls nest as they did on the wire. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { rowsOf } from '../../../crates/sandbox/phone/web/story/sequence.js';
import { entry } from './entry.mjs';

const order = entry({ id: 1, real_ms: 100, took_ms: 50, out_trade_no: 'A' });
const prepay = entry({ id: 2, real_ms: 110, took_ms: 20, kind: 'api', from: 'server', to: 'platform', out_trade_no: 'A' });
const booked = entry({ id: 3, real_ms: 115, took_ms: 0, kind: 'state', from: 'platform', to: 'platform', out_trade_no: 'A' });

function shape(rows) {
  return rows.map(({ key, part }) => `${key} ${part}`);
}

test('a call without others inside has one row', () => {
  assert.deepEqual(shape(rowsOf([order])), ['1 whole']);
});

test('the answer stands below what happened meanwhile', () => {
  assert.deepEqual(shape(rowsOf([order, prepay, booked])), ['1 call', '2 call', '3 whole', '2-answer answer', '1-answer answer']);
});

test('a call under way has no answer yet', () => {
  const pending = { ...order, took_ms: null, outcome: 'pending' };
  assert.deepEqual(shape(rowsOf([pending, prepay])), ['1 call', '2 whole']);
});

test('what began after the answer is not inside', () => {
  const later = { ...prepay, real_ms: 400 };
  assert.deepEqual(shape(rowsOf([order, later])), ['1 whole', '2 whole']);
});

test('another buyer at the same time is not inside', () => {
  const other = { ...prepay, out_trade_no: 'B' };
  assert.deepEqual(shape(rowsOf([order, other])), ['1 whole', '2 whole']);
  const named = rowsOf([{ ...order, user: 'demo', out_trade_no: null }, { ...prepay, user: 'lin', out_trade_no: null }]);
  assert.deepEqual(shape(named), ['1 whole', '2 whole']);
});

test('a notification is not a part of the payment that caused it', () => {
  const pay = entry({ id: 1, kind: 'cashier', to: 'platform', real_ms: 0, took_ms: 5 });
  const notice = entry({ id: 2, kind: 'notification', from: 'platform', to: 'server', real_ms: 2 });
  assert.deepEqual(shape(rowsOf([pay, notice])), ['1 whole', '2 whole']);
});

test('a refund that arrives while the clock is moved is not inside the switch', () => {
  const clock = entry({ id: 1, kind: 'switch', from: 'operator', to: 'platform', real_ms: 0, took_ms: 20 });
  const arrived = entry({ id: 2, kind: 'state', from: 'platform', to: 'platform', real_ms: 5, out_trade_no: 'A' });
  assert.deepEqual(shape(rowsOf([clock, arrived])), ['1 whole', '2 whole']);
});

test('who is at work has a bar from the call to its answer', () => {
  const busy = rowsOf([order, prepay, booked]).map((row) => row.busy);
  assert.deepEqual(busy, [
    { server: 'start' },
    { server: 'through', platform: 'start' },
    { server: 'through', platform: 'through' },
    { server: 'through', platform: 'end' },
    { server: 'end' },
  ]);
});

test('what was lost on the way sets nobody to work', () => {
  const lost = entry({ id: 1, kind: 'notification', from: 'platform', to: 'server', outcome: 'lost' });
  assert.deepEqual(rowsOf([lost])[0].busy, {});
});
