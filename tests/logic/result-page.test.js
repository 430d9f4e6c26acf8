/** What a buyer sees after the cashier, and after a kill in the cashier. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Phone } from './harness/phone.js';

async function bought(ending) {
  const phone = new Phone();
  await phone.launch('/pages/confirm/index?goods_id=longjing');
  phone.endings = [ending];
  phone.top().pay();
  await phone.clock.settle();
  return { phone, shop: phone.shop, order_no: [...phone.shop.orders.keys()][0] };
}

test('between ok and the server\'s word stands "confirming, please do not pay again"', async () => {
  const { phone, shop, order_no } = await bought('ok, unheard');
  const page = phone.top();
  assert.equal(page.route, 'pages/result/index');
  assert.equal(page.data.state, 'pending');
  assert.equal(page.data.title, '正在确认支付结果，请勿重复支付');
  assert.equal(page.data.asking, true);
  shop.notify(order_no);
  await phone.clock.run(2000);
  assert.equal(page.data.state, 'paid');
});

test('when nobody could say for a minute it stays pending, and can be asked again', async () => {
  const { phone, shop, order_no } = await bought('ok, unheard');
  await phone.clock.run(70000);
  const page = phone.top();
  assert.equal(page.data.state, 'pending');
  assert.equal(page.data.asking, false);
  assert.equal(page.data.text, '还没有等到结果。请不要重复支付，稍后再查一次。');
  shop.payAtWechat(order_no);
  page.ask();
  await phone.clock.run(0);
  assert.equal(page.data.state, 'paid');
});

test('coming back to the foreground asks again', async () => {
  const { phone, shop, order_no } = await bought('ok, unheard');
  await phone.clock.run(70000);
  shop.payAtWechat(order_no);
  await phone.hideAndShow();
  assert.equal(phone.top().data.state, 'paid');
  assert.equal(phone.stack.length, 1);
});

test('cancel keeps the order payable, and paying again pays the same order', async () => {
  const { phone, shop } = await bought('cancel');
  const page = phone.top();
  assert.equal(page.data.state, 'unpaid');
  assert.equal(page.data.title, '订单还未支付');
  page.pay();
  await phone.clock.run(0);
  assert.equal(page.data.state, 'paid');
  assert.equal(shop.orders.size, 1);
});

test('a double tap on 继续支付 opens one cashier', async () => {
  const { phone } = await bought('cancel');
  phone.top().pay();
  phone.top().pay();
  await phone.clock.run(1000);
  assert.equal(phone.payments.length, 2);
});

test('a failure of the cashier is told apart from a cancel', async () => {
  const { phone } = await bought('no permission');
  assert.equal(phone.top().data.state, 'pending');
  await phone.clock.run(5000);
  assert.equal(phone.top().data.state, 'unpaid');
  assert.equal(phone.top().data.text, '收银台没有完成支付，没有扣款。可以再试一次。');
});

test('继续支付 without network says so and leaves the order as it is', async () => {
  const { phone } = await bought('cancel');
  phone.online = false;
  phone.top().pay();
  await phone.clock.run(5000);
  assert.equal(phone.top().data.state, 'unpaid');
  assert.equal(phone.top().data.problem, '暂时连不上商家服务，请稍后重试。');
  assert.equal(phone.top().data.busy, false);
});

test('继续支付 on an order that was closed meanwhile says closed', async () => {
  const { phone, shop, order_no } = await bought('cancel');
  shop.orders.get(order_no).state = 'closed';
  phone.top().pay();
  await phone.clock.run(0);
  assert.equal(phone.top().data.state, 'closed');
  assert.equal(phone.payments.length, 1);
});

test('killed in the cashier after paying: the next launch finds it paid', async () => {
  const { phone, shop, order_no } = await bought('killed');
  shop.payAtWechat(order_no);
  phone.kill();
  await phone.launch();
  const page = phone.top();
  assert.equal(page.route, 'pages/result/index');
  assert.equal(page.data.order_no, order_no);
  assert.equal(page.data.state, 'paid');
});

test('a result that is opened first of all knows its goods', async () => {
  const { phone, order_no } = await bought('ok');
  phone.kill();
  await phone.launch(`/pages/result/index?order_no=${order_no}`);
  assert.equal(phone.top().data.order.goods_id, 'longjing');
  assert.equal(phone.top().data.order.image, '/images/goods/longjing.svg');
});

test('killed in the cashier before paying: the next launch offers to go on', async () => {
  const { phone, shop, order_no } = await bought('killed');
  phone.kill();
  await phone.launch();
  assert.equal(phone.top().data.title, '正在确认支付结果，请勿重复支付');
  await phone.clock.run(5000);
  assert.equal(phone.top().data.state, 'unpaid');
  phone.top().pay();
  await phone.clock.run(0);
  assert.equal(phone.top().data.state, 'paid');
  assert.equal(shop.orders.size, 1);
  assert.deepEqual(phone.module('pay/src/index.js').unfinished(), [], order_no);
});

test('killed with the notification on its way: found by the repeated question', async () => {
  const { phone, shop, order_no } = await bought('killed');
  phone.kill();
  await phone.launch();
  assert.equal(phone.top().data.state, 'pending');
  shop.notify(order_no);
  await phone.clock.run(2000);
  assert.equal(phone.top().data.state, 'paid');
});

test('back from the background without a word from the cashier: it is not asked twice over', async () => {
  const { phone } = await bought('killed');
  await phone.hideAndShow();
  assert.equal(phone.top().route, 'pages/confirm/index');
});

test('who turns away from the answer is left in peace until the next time', async () => {
  const { phone } = await bought('killed');
  phone.kill();
  phone.shop.fault(/./, 'unreachable', 99);
  await phone.launch();
  await phone.clock.run(20000);
  assert.equal(phone.top().data.state, 'pending');
  phone.wx.navigateBack();
  await phone.clock.settle();
  assert.equal(phone.top().route, 'pages/goods/index');
  await phone.hideAndShow();
  assert.equal(phone.top().route, 'pages/result/index');
});

test('nothing unfinished, nothing shown', async () => {
  const { phone } = await bought('ok');
  phone.kill();
  await phone.launch();
  assert.equal(phone.top().route, 'pages/goods/index');
});

test('a payment that is under way is not mistaken for one that was cut off', async () => {
  const phone = new Phone();
  await phone.launch('/pages/confirm/index?goods_id=longjing');
  phone.endings = ['killed'];
  phone.top().pay();
  await phone.clock.settle();
  phone.go('/pages/goods/index', 'push');
  await phone.clock.settle();
  assert.equal(phone.top().route, 'pages/goods/index');
});

test('the buttons of the result lead where they say', async () => {
  const { phone, order_no } = await bought('ok');
  phone.top().seeOrder();
  await phone.clock.settle();
  assert.equal(phone.top().route, 'pages/order/index');
  assert.equal(phone.top().data.order.order_no, order_no);
});
