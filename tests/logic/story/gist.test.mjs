/** What stands on an answer's arrow. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gistOf } from '../../../crates/sandbox/phone/web/story/gist.js';
import { entry } from './entry.mjs';

function gist(body, changes = {}) {
  return gistOf(entry({ answer: { body: JSON.stringify(body) }, ...changes }));
}

test('an order is told by its state, a refund by its own', () => {
  assert.equal(gist({ trade_state: 'REFUND', transaction_id: '4200' }), 'trade_state REFUND');
  assert.equal(gist({ refund_id: '5030', status: 'PROCESSING' }), 'status PROCESSING');
  assert.equal(gist({ status: 'ok' }), null);
});

test('a refusal brings nothing back', () => {
  assert.equal(gist({ refund_id: '5030', status: 'SUCCESS' }, { outcome: 'failed' }), null);
});
