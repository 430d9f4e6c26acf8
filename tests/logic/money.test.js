import assert from 'node:assert/strict';
import test from 'node:test';
import { Phone } from './harness/phone.js';

const money = new Phone().module('utils/money.js');

test('fen become yuan with two decimals', () => {
  const table = [
    [0, '0.00'], [1, '0.01'], [9, '0.09'], [10, '0.10'], [99, '0.99'], [100, '1.00'], [101, '1.01'],
    [1790, '17.90'], [6805, '68.05'], [12900, '129.00'], [1000000000, '10000000.00'],
  ];
  for (const [fen, text] of table) {
    assert.equal(money.format(fen), text);
  }
});

test('every amount to 2000 yuan reads back as the same fen', () => {
  for (let fen = 0; fen <= 200000; fen += 1) {
    const { yuan, cents } = money.parts(fen);
    assert.equal(cents.length, 2);
    assert.equal(Number(yuan) * 100 + Number(cents), fen);
  }
});

test('what is no amount in fen is refused, not rounded', () => {
  for (const wrong of [0.5, -1, NaN, Infinity, '100', undefined, 2 ** 53]) {
    assert.throws(() => money.format(wrong), RangeError, String(wrong));
  }
});

test('an estimate is price times quantity, in integers', () => {
  assert.equal(money.times(1790, 3), 5370);
  assert.equal(money.times(6805, 99), 673695);
  assert.throws(() => money.times(0.1, 3), RangeError);
});
