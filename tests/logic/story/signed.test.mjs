/** The strings that are signed, taken apart. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { authorization, shapeOf, signedLines } from '../../../crates/sandbox/phone/web/story/signed.js';

function labels(text) {
  return signedLines(text).map(({ label, text: line }) => [label, line]);
}

test('a request has five lines, and its body may have line feeds of its own', () => {
  assert.deepEqual(labels('POST\n/v3/x?a=1\n1554208460\nN\n{\n}\n'), [
    ['lineMethod', 'POST'], ['linePath', '/v3/x?a=1'], ['lineTimestamp', '1554208460'], ['lineNonce', 'N'], ['lineBody', '{\n}'],
  ]);
});

test('a request without a body ends with an empty line', () => {
  assert.deepEqual(labels('GET\n/v3/x\n1554208460\nN\n\n').at(-1), ['lineBody', '']);
});

test('an answer or a notification has three lines', () => {
  assert.equal(shapeOf('1554208460\nN\n\n'), 'answer');
  assert.deepEqual(labels('1554208460\nN\n{"a":1}\n').map(([label]) => label), ['lineTimestamp', 'lineNonce', 'lineBody']);
});

test('paySign has four lines', () => {
  assert.deepEqual(labels('wx1\n1554208460\nN\nprepay_id=wx2\n').map(([label]) => label), ['appId', 'timeStamp', 'nonceStr', 'package']);
});

test('a missing line feed at the end is seen', () => {
  assert.equal(signedLines('wx1\n1554208460\nN\nprepay_id=wx2').at(-1).ended, false);
  assert.equal(signedLines('wx1\n1554208460\nN\nprepay_id=wx2\n').at(-1).ended, true);
});

test('anything else is shown line by line', () => {
  assert.deepEqual(labels('a\nb'), [[null, 'a'], [null, 'b']]);
  assert.equal(shapeOf(''), null);
});

test('an Authorization header comes apart into its members', () => {
  const header = 'WECHATPAY2-SHA256-RSA2048 mchid="19",nonce_str="n",timestamp="1",serial_no="4A",signature="a+/="';
  assert.deepEqual(authorization(header)?.members.map(([name]) => name), ['mchid', 'nonce_str', 'timestamp', 'serial_no', 'signature']);
  assert.equal(authorization('Bearer x'), null);
});
