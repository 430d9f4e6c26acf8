/** What a newcomer is shown besides the entries. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { guideFor } from '../../../crates/sandbox/phone/web/story/guide.js';
import { entry } from './entry.mjs';

const idle = { map: false, orders: 0 };

test('nothing has happened: the invitation and all steps', () => {
  assert.deepEqual(guideFor([], idle), { mode: 'invite', skip: 0 });
});

test('the mini program has logged in: its steps are no longer to come', () => {
  assert.deepEqual(guideFor([entry({ kind: 'login_code' })], idle), { mode: 'invite', skip: 2 });
});

test('with the first order the story speaks for itself', () => {
  assert.equal(guideFor([entry({})], { map: false, orders: 1 }).mode, 'none');
});

test('who does much without ordering is left alone', () => {
  const many = Array.from({ length: 31 }, (_, id) => entry({ id }));
  assert.equal(guideFor(many, idle).mode, 'none');
});

test('the whole map is shown whenever it is asked for', () => {
  assert.deepEqual(guideFor([entry({})], { map: true, orders: 3 }), { mode: 'map', skip: 0 });
});
