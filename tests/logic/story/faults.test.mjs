/** The switches: which entries of the sandbox's script are theirs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FAULTS, armed, without } from '../../../crates/sandbox/phone/web/frame/faults.js';

const byId = Object.fromEntries(FAULTS.map(({ id, fault }) => [id, fault]));

test('each switch knows its own entry and no other', () => {
  for (const { id, fault } of FAULTS) {
    const { found, others } = armed([fault]);
    assert.deepEqual([...found].filter(([, entry]) => entry).map(([name]) => name), [id]);
    assert.deepEqual(others, []);
  }
});

test('seconds count down and it is still the same switch', () => {
  assert.ok(armed([{ ...byId.closed, times: null, seconds: 12 }]).found.get('closed'));
});

test('what is used up is not armed', () => {
  assert.equal(armed([{ ...byId.lose, times: 0 }]).found.get('lose'), undefined);
});

test('a fault of somebody else is counted apart and kept', () => {
  const foreign = { on: 'query', kind: 'timeout', times: 2 };
  assert.deepEqual(armed([foreign, byId.lose]).others, [foreign]);
  assert.deepEqual(without([foreign, byId.lose], byId.lose), [foreign]);
  const meant = { ...byId.lose, out_trade_no: 'A' };
  assert.equal(armed([meant]).found.get('lose'), undefined);
});
