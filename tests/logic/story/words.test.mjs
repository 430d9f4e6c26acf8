/** Small things in words: times, answers, pages, and that no word is missing in one language. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { beijing, plus, spanParts } from '../../../crates/sandbox/phone/web/frame/time.js';
import { WORDS } from '../../../crates/sandbox/phone/web/frame/words.js';
import { gistOf } from '../../../crates/sandbox/phone/web/story/gist.js';
import { PAGES, pageOf } from '../../../crates/sandbox/phone/web/story/pages.js';
import { STEPS, TEXTS } from '../../../crates/sandbox/phone/web/story/protocol.js';

test('every word is there in both languages, with the same blanks', () => {
  const blanks = (text) => [...text.matchAll(/\{\w+\}/g)].map(([blank]) => blank).sort();
  for (const [key, [zh, en]] of Object.entries(WORDS)) {
    assert.ok(zh && en, key);
    assert.deepEqual(blanks(zh), blanks(en), key);
  }
  for (const { zh, en } of [...Object.values(TEXTS), ...STEPS.flatMap(({ title, says }) => [title, says])]) assert.ok(zh && en);
});

test('a span has its two largest units', () => {
  assert.deepEqual(spanParts(86_400), [['days', 1]]);
  assert.deepEqual(spanParts(90_061), [['days', 1], ['hours', 1]]);
  assert.deepEqual(spanParts(0), [['seconds', 0]]);
});

test('the margin has few digits', () => {
  assert.deepEqual([0, 999, 1234, 17_024, 65_000, 3_660_000].map(plus), ['+0 ms', '+999 ms', '+1.23 s', '+17.02 s', '+1:05', '+1 h 1 m']);
});

test('Beijing time is eight hours ahead of UTC', () => {
  assert.deepEqual(beijing(Date.parse('2026-11-24T20:00:00Z')), { date: '2026-11-25', time: '04:00:00' });
});

test('an answer says what it brings', () => {
  const gist = (value, outcome = 'ok') => gistOf({ outcome, answer: { body: JSON.stringify(value) } });
  assert.equal(gist({ prepay_id: 'wx241800011001ad9f1c0000' }), 'prepay_id wx241800…');
  assert.equal(gist({ trade_state: 'SUCCESS' }), 'trade_state SUCCESS');
  assert.equal(gist({ order: { state: 'paid' } }), 'order paid');
  assert.equal(gist({ cashier_id: 'c', amount_fen: 5 }), '¥0.05');
  assert.equal(gist({ cashier_id: 'c', amount_fen: 12_800 }), '¥128.00');
  assert.equal(gist({ prepay_id: 'x' }, 'refused'), null);
  assert.equal(gist([]), null);
  assert.equal(gistOf({ outcome: 'ok', answer: { body: '<html>' } }), null);
});

test('an entry leads to the page that explains its call', () => {
  const page = (target, kind = 'api') => pageOf({ kind, request: { target } });
  assert.equal(page('/v3/pay/transactions/jsapi'), PAGES.prepay);
  assert.equal(page('/v3/pay/transactions/out-trade-no/A1?mchid=1'), PAGES.query);
  assert.equal(page('/v3/pay/transactions/out-trade-no/A1/close'), PAGES.close);
  assert.equal(page('http://127.0.0.1/notify', 'notification'), PAGES.notification);
  assert.equal(page('/sns/jscode2session'), null);
});
