import assert from 'node:assert/strict';
import test from 'node:test';
import { component } from './harness/component.js';
import { START_MS } from './harness/clock.js';
import { Phone } from './harness/phone.js';
import { rfc3339 } from './harness/shop.js';

test('a price is cut into yuan and cents', () => {
  const price = component(new Phone(), 'fen-price', { fen: 6805 });
  assert.equal(price.data.yuan, '68');
  assert.equal(price.data.cents, '05');
});

test('a button that is busy or off passes no tap on', () => {
  const phone = new Phone();
  const button = component(phone, 'tea-button', { text: '去付款' });
  button.press();
  button.set({ busy: true });
  button.press();
  button.set({ busy: false, off: true });
  button.press();
  assert.deepEqual(button.events, [['press']]);
});

test('a stepper stays within its bounds', () => {
  const stepper = component(new Phone(), 'tea-stepper', { value: 1, max: 2 });
  stepper.less();
  stepper.more();
  stepper.set({ value: 2 });
  stepper.more();
  stepper.less();
  assert.deepEqual(stepper.events, [['change', { value: 2 }], ['change', { value: 1 }]]);
});

test('a countdown counts, says its end once, and stops when it is taken away', async () => {
  const phone = new Phone();
  const countdown = component(phone, 'tea-countdown', { until: rfc3339(START_MS + 61000) });
  assert.equal(countdown.data.text, '01:01');
  await phone.clock.run(2000);
  assert.equal(countdown.data.text, '00:59');
  await phone.clock.run(70000);
  assert.equal(countdown.data.over, true);
  assert.deepEqual(countdown.events, [['end']]);
  countdown.detach();
  assert.equal(phone.clock.timers.size, 0);
});

test('the bar at the bottom leads to the other page only', async () => {
  const phone = new Phone();
  await phone.launch();
  const nav = component(phone, 'tea-nav', { current: 'goods' });
  nav.toGoods();
  nav.toOrders();
  await phone.clock.settle();
  assert.equal(phone.top().route, 'pages/orders/index');
  assert.equal(phone.stack.length, 1);
});

test('an order card says which order', () => {
  const card = component(new Phone(), 'order-card', { order: { order_no: '42' } });
  card.open();
  card.pay();
  assert.deepEqual(card.events, [['open', { order_no: '42' }], ['pay', { order_no: '42' }]]);
});

test('a time of an hour and more shows its hours', () => {
  const { clockText, shown } = new Phone().module('utils/time.js');
  assert.deepEqual([0, 1, 59999, 60000, 3599000, 3600000, 3723000].map(clockText), [
    '00:00', '00:01', '01:00', '01:00', '59:59', '1:00:00', '1:02:03',
  ]);
  assert.equal(shown('2026-11-23T22:38:41+08:00'), '2026-11-23 22:38:41');
  assert.equal(shown(undefined), '');
});
