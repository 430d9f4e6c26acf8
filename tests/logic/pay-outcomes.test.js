/** The pay module alone: what each end of the cashier leads to. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Phone } from './harness/phone.js';

async function begin() {
  const phone = new Phone();
  const pay = phone.module('pay/src/index.js');
  pay.configure({ baseUrl: 'https://tea.example.com' });
  const wanted = { goods_id: 'longjing', quantity: 1 };
  const placing = pay.newKey().then((key) => pay.orders.place(wanted, key));
  const placed = await finish(phone, placing);
  phone.shop.log.length = 0;
  return { phone, pay, placed, order_no: placed.order.order_no };
}

/** Lets time pass until the promise is settled: at most what the longest schedule takes. */
async function finish(phone, promise) {
  let done = false;
  const mark = () => {
    done = true;
  };
  promise.then(mark, mark);
  for (let second = 0; second < 120 && !done; second += 1) {
    await phone.clock.run(second === 0 ? 0 : 1000);
  }
  assert.ok(done, 'it ends within its bound');
  return promise;
}

test('ok is not believed: the server is asked, which asks WeChat', async () => {
  const { phone, pay, placed, order_no } = await begin();
  phone.endings = ['ok'];
  const outcome = await finish(phone, pay.pay(placed));
  assert.equal(outcome.state, 'paid');
  assert.equal(outcome.order.transaction_id, '4200000001');
  assert.equal(phone.shop.log[0].what, `POST /v1/mp/orders/${order_no}/refresh`);
  assert.deepEqual(pay.unfinished(), []);
});

test('ok without money stays pending, and is never called paid or failed', async () => {
  const { phone, pay, placed, order_no } = await begin();
  phone.endings = ['ok, unheard'];
  const outcome = await finish(phone, pay.pay(placed));
  assert.equal(outcome.state, 'pending');
  assert.deepEqual(pay.unfinished(), [order_no]);
});

test('ok with a late notification is found by the cheap reads in between', async () => {
  const { phone, pay, placed, order_no } = await begin();
  phone.endings = ['ok, unheard'];
  const asked = pay.pay(placed);
  await phone.clock.run(100);
  phone.shop.notify(order_no);
  const outcome = await finish(phone, asked);
  assert.equal(outcome.state, 'paid');
  assert.deepEqual(phone.shop.log.map((call) => call.what.split(' ')[0]), ['POST', 'GET']);
});

test('the five fields arrive byte for byte, and nothing is added', async () => {
  const { phone, pay, placed } = await begin();
  await finish(phone, pay.pay(placed));
  assert.deepEqual(phone.payments, [placed.payment]);
  const handed = phone.said.find((one) => one.name === 'requestPayment').options;
  const keys = Object.keys(handed).filter((key) => typeof handed[key] !== 'function').sort();
  assert.deepEqual(keys, ['nonceStr', 'package', 'paySign', 'signType', 'timeStamp']);
});

test('cancel is unpaid for now, after one question, and the order can be paid again', async () => {
  const { phone, pay, placed, order_no } = await begin();
  phone.endings = ['cancel', 'ok'];
  const left = await finish(phone, pay.pay(placed));
  assert.equal(left.state, 'unpaid');
  assert.equal(left.cashier, 'cancel');
  assert.equal(phone.shop.log.length, 1);
  assert.deepEqual(pay.unfinished(), []);
  const again = await finish(phone, pay.pay({ order_no }));
  assert.equal(again.state, 'paid');
  assert.equal(phone.payments.length, 2);
  assert.notEqual(phone.payments[1].paySign, phone.payments[0].paySign);
});

test('cancel that crossed with a payment is paid', async () => {
  const { phone, pay, placed, order_no } = await begin();
  phone.endings = ['cancel'];
  phone.shop.payAtWechat(order_no);
  const outcome = await finish(phone, pay.pay(placed));
  assert.equal(outcome.state, 'paid');
});

test('cancel with a silent server is unpaid, but is asked about later', async () => {
  const { phone, pay, placed, order_no } = await begin();
  phone.endings = ['cancel'];
  phone.shop.fault(/refresh/, 'unreachable');
  const outcome = await finish(phone, pay.pay(placed));
  assert.equal(outcome.state, 'unpaid');
  assert.deepEqual(pay.unfinished(), [order_no]);
});

test('the historic spelling of cancel is a cancel', async () => {
  const { phone, pay, placed } = await begin();
  const spoken = { errMsg: 'requestPayment:cancel' };
  phone.wx.requestPayment = ({ fail }) => phone.clock.later(() => fail(spoken));
  assert.equal((await finish(phone, pay.pay(placed))).cashier, 'cancel');
});

test('any other failure is unknown: paid if the server says so', async () => {
  const { phone, pay, placed, order_no } = await begin();
  phone.endings = ['system error'];
  phone.shop.payAtWechat(order_no);
  const outcome = await finish(phone, pay.pay(placed));
  assert.equal(outcome.state, 'paid');
  assert.equal(outcome.cashier, 'fail');
  assert.equal(outcome.errMsg, 'requestPayment:fail system error');
});

test('any other failure is unpaid only after WeChat was asked twice', async () => {
  const { phone, pay, placed } = await begin();
  phone.endings = ['no permission'];
  const outcome = await finish(phone, pay.pay(placed));
  assert.equal(outcome.state, 'unpaid');
  assert.equal(phone.shop.calls(/refresh/).length, 2);
});

test('a failure with a silent server is pending, not unpaid', async () => {
  const { phone, pay, placed, order_no } = await begin();
  phone.endings = ['no permission'];
  phone.shop.fault(/orders/, 'unreachable', 99);
  const outcome = await finish(phone, pay.pay(placed));
  assert.equal(outcome.state, 'pending');
  assert.equal(outcome.order, undefined);
  assert.deepEqual(pay.unfinished(), [order_no]);
});

test('a failure is not unpaid by the server\'s record alone', async () => {
  const { phone, pay, placed } = await begin();
  phone.endings = ['system error'];
  phone.shop.fault(/refresh/, { status: 503, code: 'GATEWAY_UNAVAILABLE', retryable: true }, 99);
  assert.equal((await finish(phone, pay.pay(placed))).state, 'pending');
});

test('an order past its time is closed once WeChat says that it was not paid', async () => {
  const { phone, pay, placed } = await begin();
  phone.endings = ['该订单已失效'];
  await phone.clock.run(31 * 60 * 1000);
  const outcome = await finish(phone, pay.pay(placed));
  assert.equal(outcome.state, 'closed');
});

test('an order past its time is not closed by the server\'s record alone: it may be behind', async () => {
  const { phone, pay, placed, order_no } = await begin();
  phone.endings = ['system error'];
  await phone.clock.run(31 * 60 * 1000);
  phone.shop.fault(/refresh/, 'unreachable');
  phone.shop.payAtWechat(order_no);
  assert.equal((await finish(phone, pay.pay(placed))).state, 'paid');
});

test('after ok even an order past its time is pending, not closed', async () => {
  const { phone, pay, placed } = await begin();
  phone.endings = ['ok, unheard'];
  await phone.clock.run(31 * 60 * 1000);
  assert.equal((await finish(phone, pay.pay(placed))).state, 'pending');
});

test('a "not paid" before a silence is not the last word', async () => {
  const { phone, pay, placed, order_no } = await begin();
  phone.endings = ['system error'];
  const paying = pay.pay(placed);
  await phone.clock.run(0);
  phone.shop.fault(/orders/, 'unreachable', 99);
  const outcome = await finish(phone, paying);
  assert.equal(outcome.state, 'pending');
  assert.equal(outcome.order.order_no, order_no, 'what was told is still shown');
});

test('an order that the server refuses to take money for is closed, by any clock', async () => {
  const { phone, pay, order_no } = await begin();
  phone.shop.fault(/payment/, { status: 409, code: 'ORDER_NOT_PAYABLE' });
  assert.equal((await finish(phone, pay.pay({ order_no }))).state, 'closed');
});

test('paying an order that is paid opens no cashier', async () => {
  const { phone, pay, order_no } = await begin();
  phone.shop.notify(order_no);
  const outcome = await finish(phone, pay.pay({ order_no }));
  assert.equal(outcome.state, 'paid');
  assert.equal(phone.payments.length, 0);
});

test('paying an order that is closed or expired says closed', async () => {
  const { phone, pay, order_no } = await begin();
  await phone.clock.run(31 * 60 * 1000);
  assert.equal((await finish(phone, pay.pay({ order_no }))).state, 'closed');
  phone.shop.orders.get(order_no).state = 'closed';
  assert.equal((await finish(phone, pay.pay({ order_no }))).state, 'closed');
  assert.equal(phone.payments.length, 0);
});

test('without fields the cashier never opens, and that is failed, with the reason', async () => {
  const { phone, pay, order_no } = await begin();
  phone.shop.fault(/payment/, { status: 503, code: 'GATEWAY_UNAVAILABLE', retryable: true }, 99);
  const outcome = await finish(phone, pay.pay({ order_no }));
  assert.equal(outcome.state, 'failed');
  assert.equal(outcome.error.code, 'GATEWAY_UNAVAILABLE');
  assert.deepEqual(pay.unfinished(), []);
});

test('two calls for one order open one cashier, and both hear the outcome', async () => {
  const { phone, pay, placed, order_no } = await begin();
  const both = Promise.all([pay.pay(placed), pay.pay({ order_no }), pay.confirm(order_no)]);
  const outcomes = await finish(phone, both);
  assert.deepEqual(outcomes.map((one) => one.state), ['paid', 'paid', 'paid']);
  assert.equal(phone.payments.length, 1);
});

test('the order number is on record before the cashier opens', async () => {
  const { phone, pay, placed, order_no } = await begin();
  let atOpening;
  const cashier = phone.cashierOpens.bind(phone);
  phone.cashierOpens = (options) => {
    atOpening = pay.unfinished();
    return cashier(options);
  };
  await finish(phone, pay.pay(placed));
  assert.deepEqual(atOpening, [order_no]);
});

test('the journal keeps the newest five, each once', async () => {
  const { phone, pay } = await begin();
  const journal = phone.module('pay/src/journal.js');
  for (const order_no of ['1', '2', '3', '4', '5', '6', '4']) {
    journal.open(order_no);
  }
  assert.deepEqual(pay.unfinished(), ['4', '6', '5', '3', '2']);
  journal.settle('6');
  assert.deepEqual(pay.unfinished(), ['4', '5', '3', '2']);
});

test('a state of a newer server is pending: nothing is claimed about money', async () => {
  const { phone, pay, order_no } = await begin();
  phone.shop.orders.get(order_no).state = 'disputed';
  assert.equal((await finish(phone, pay.confirm(order_no))).state, 'pending');
});

test('refunds keep their meaning', async () => {
  const { pay, placed } = await begin();
  const state = (name) => pay.outcomeOf({ ...placed.order, state: name }).state;
  assert.equal(state('partially_refunded'), 'paid');
  assert.equal(state('refunded'), 'refunded');
});

test('an order of somebody else is failed, and is not asked about again', async () => {
  const { phone, pay } = await begin();
  const outcome = await finish(phone, pay.confirm('20991231000000'));
  assert.equal(outcome.state, 'failed');
  assert.equal(outcome.error.code, 'ORDER_NOT_FOUND');
  assert.equal(phone.shop.log.length, 1);
});

test('it wants https and to be configured', async () => {
  const pay = new Phone().module('pay/src/index.js');
  assert.throws(() => pay.configure({ baseUrl: 'http://tea.example.com' }), /https/);
  assert.throws(() => pay.configure({ baseUrl: 'https://tea.example.com/' }), /slash/);
  await assert.rejects(pay.orders.list(), /configure/);
});
