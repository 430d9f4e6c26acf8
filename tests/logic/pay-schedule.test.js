/** When the server is asked: the table in `pay/src/schedule.js`, run on a clock of our own. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { START_MS } from './harness/clock.js';
import { Phone } from './harness/phone.js';

/** The moments and kinds of the questions about an order that nobody ever pays. */
async function questions(ending) {
  const phone = new Phone();
  const pay = phone.module('pay/src/index.js');
  pay.configure({ baseUrl: 'https://tea.example.com' });
  const key = pay.newKey();
  await phone.clock.settle();
  const placing = pay.orders.place({ goods_id: 'longjing', quantity: 1 }, await key);
  await phone.clock.settle();
  phone.shop.log.length = 0;
  phone.endings = [ending];
  const paying = pay.pay(await placing);
  await phone.clock.run(10 * 60 * 1000);
  await paying;
  return phone.shop.log.map((call) => [call.at_ms - START_MS, /refresh/.test(call.what) ? 'refresh' : 'read']);
}

test('after ok: at once, then often and cheaply, then rarely, for a minute', async () => {
  assert.deepEqual(await questions('ok, unheard'), [
    [0, 'refresh'], [600, 'read'], [1500, 'read'], [3000, 'refresh'], [5000, 'read'], [8000, 'read'],
    [13000, 'refresh'], [21000, 'read'], [33000, 'refresh'], [63000, 'refresh'],
  ]);
});

test('after cancel: once', async () => {
  assert.deepEqual(await questions('cancel'), [[0, 'refresh']]);
});

test('after a failure: three times within four seconds', async () => {
  assert.deepEqual(await questions('system error'), [[0, 'refresh'], [1500, 'read'], [4000, 'refresh']]);
});

test('every schedule begins at once, ends, and asks WeChat sparsely', () => {
  const { SCHEDULES } = new Phone().module('pay/src/schedule.js');
  for (const [name, steps] of Object.entries(SCHEDULES)) {
    assert.equal(steps[0].after_ms, 0, name);
    assert.equal(steps[0].ask, 'refresh', name);
    assert.equal(steps[steps.length - 1].ask, 'refresh', `${name} ends with WeChat's word`);
    assert.ok(steps.length <= 10, name);
    const total = steps.reduce((sum, step) => sum + step.after_ms, 0);
    assert.ok(total <= 65000, name);
    assert.ok(steps.filter((step) => step.ask === 'refresh').length <= 5, name);
  }
});
