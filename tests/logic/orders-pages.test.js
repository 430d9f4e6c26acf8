/** The list of orders and one order: pages, states, what can be done. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Phone } from './harness/phone.js';

async function withOrders(count, url = '/pages/orders/index') {
  const phone = new Phone();
  for (let number = 0; number < count; number += 1) {
    phone.shop.newOrder(phone.shop.goods[1], 1 + (number % 2));
  }
  const newest = [...phone.shop.orders.keys()].pop();
  await phone.launch(url.replace('NEWEST', newest));
  return { phone, page: phone.top(), shop: phone.shop, newest };
}

const DETAIL = '/pages/order/index?order_no=NEWEST';

test('an empty list is empty, not an error', async () => {
  const { page } = await withOrders(0);
  assert.equal(page.data.phase, 'empty');
});

test('the list comes page by page, each order once, to its end', async () => {
  const { phone, page, newest } = await withOrders(23);
  assert.equal(page.data.orders.length, 10);
  assert.equal(page.data.orders[0].order_no, newest);
  page.onReachBottom();
  page.loadMore();
  await phone.clock.settle();
  assert.equal(page.data.orders.length, 20, 'reaching the bottom twice loads one page');
  page.loadMore();
  await phone.clock.settle();
  assert.equal(new Set(page.data.orders.map((one) => one.order_no)).size, 23);
  assert.equal(page.data.cursor, '');
  page.onReachBottom();
  await phone.clock.settle();
  assert.equal(phone.shop.calls(/GET .*orders/).length, 3);
});

test('pulling down begins anew and says so', async () => {
  const { phone, page, shop } = await withOrders(12);
  page.loadMore();
  await phone.clock.settle();
  shop.newOrder(shop.goods[0], 1);
  page.onPullDownRefresh();
  await phone.clock.settle();
  assert.equal(page.data.orders.length, 10);
  assert.equal(page.data.orders[0].main, '白瓷盖碗');
  assert.deepEqual(phone.toasts(), ['已刷新']);
  assert.ok(phone.said.some((one) => one.name === 'stopPullDownRefresh'));
});

test('a page that was on its way when the list began anew is dropped', async () => {
  const { phone, page, shop } = await withOrders(23);
  // The next page's first answer is lost, so it arrives after the list has begun anew.
  shop.fault(/cursor/, 'unreachable');
  page.loadMore();
  page.load();
  await phone.clock.run(5000);
  assert.equal(shop.calls(/cursor/).length, 2);
  assert.equal(page.data.orders.length, 10);
  assert.equal(page.data.more, false);
});

test('offline is told apart from an error, and comes back by itself', async () => {
  const { phone, page } = await withOrders(1);
  const fresh = new Phone();
  fresh.online = false;
  await fresh.launch('/pages/orders/index');
  await fresh.clock.run(5000);
  assert.equal(fresh.top().data.failure.kind, 'offline');
  assert.equal(fresh.top().data.failure.title, '网络没有连上');
  fresh.online = true;
  fresh.wx.tellNetwork(true);
  await fresh.clock.run(0);
  assert.equal(fresh.top().data.phase, 'empty');

  phone.shop.fault(/orders/, { status: 500, code: 'INTERNAL', retryable: true }, 99);
  page.reload();
  await phone.clock.run(5000);
  assert.deepEqual(phone.toasts(), ['中文 INTERNAL'], 'what is on the screen stays');
  assert.equal(page.data.orders.length, 1);
});

test('the goods page says error, retries, and stops listening when it is left', async () => {
  const phone = new Phone();
  phone.shop.fault(/goods/, { status: 500, code: 'INTERNAL', retryable: true }, 3);
  await phone.launch();
  await phone.clock.run(5000);
  const page = phone.top();
  assert.equal(page.data.phase, 'failed');
  assert.equal(page.data.failure.kind, 'error');
  page.reload();
  assert.equal(page.data.phase, 'loading');
  await phone.clock.run(0);
  assert.equal(page.data.phase, 'ready');
  assert.equal(phone.wx.listeners(), 1);
  phone.go('/pages/orders/index', 'clear');
  await phone.clock.settle();
  assert.equal(phone.wx.listeners(), 1);
});

test('a session that ended is renewed without the buyer noticing', async () => {
  const { phone, page, shop } = await withOrders(2);
  shop.endSessions();
  page.onPullDownRefresh();
  await phone.clock.settle();
  assert.equal(page.data.phase, 'ready');
  assert.deepEqual(phone.toasts(), ['已刷新']);
});

test('an unpaid order is paid from the list, and the list knows when one returns', async () => {
  const { phone, page, newest } = await withOrders(2);
  assert.equal(page.data.orders[0].payable, true);
  page.pay({ detail: { order_no: newest } });
  page.pay({ detail: { order_no: newest } });
  await phone.clock.run(0);
  assert.equal(phone.top().route, 'pages/result/index');
  assert.equal(phone.top().data.state, 'paid');
  assert.equal(phone.payments.length, 1);
  phone.back();
  await phone.clock.settle();
  assert.equal(phone.top().data.orders[0].label, '已支付');
  assert.equal(phone.top().data.paying, '');
});

test('an order in doubt is not offered for paying', async () => {
  const { phone, page, newest } = await withOrders(1);
  phone.storage.set('shouyin.unfinished', [newest]);
  page.load();
  await phone.clock.settle();
  assert.equal(page.data.orders[0].state, 'pending');
  assert.equal(page.data.orders[0].payable, false);
  assert.equal(page.data.orders[0].hint, '正在确认支付结果，请勿重复支付');
});

test('an expired order is closed to the eye before the server has closed it', async () => {
  const { phone, page } = await withOrders(1);
  await phone.clock.run(31 * 60 * 1000);
  page.load();
  await phone.clock.settle();
  assert.equal(page.data.orders[0].state, 'closed');
  assert.equal(page.data.orders[0].payable, false);
});

test('one order shows its facts as the server told them', async () => {
  const { page, newest } = await withOrders(2, DETAIL);
  const order = page.data.order;
  assert.equal(order.order_no, newest);
  assert.equal(order.amount_fen, 13610);
  assert.equal(order.quantity, 2);
  assert.equal(order.created, '2026-11-24 10:00:00');
  assert.equal(order.image, '/images/goods/longjing.svg');
  assert.equal(order.label, '待支付');
});

test('pulling down on an order asks WeChat', async () => {
  const { phone, page, shop, newest } = await withOrders(1, DETAIL);
  shop.payAtWechat(newest);
  page.onPullDownRefresh();
  await phone.clock.settle();
  assert.equal(shop.calls(/refresh/).length, 1);
  assert.equal(page.data.order.state, 'paid');
  assert.equal(page.data.order.transaction_id, '4200000001');
});

test('cancelling wants a yes', async () => {
  const { phone, page, shop, newest } = await withOrders(1, DETAIL);
  phone.confirmModal = false;
  page.cancel();
  await phone.clock.settle();
  assert.equal(shop.orders.get(newest).state, 'awaiting_payment');
  phone.confirmModal = true;
  page.cancel();
  await phone.clock.settle();
  assert.equal(shop.orders.get(newest).state, 'closed');
  assert.equal(page.data.order.label, '已关闭');
  assert.deepEqual(phone.toasts(), ['订单已取消']);
});

test('an order that was paid before it could be cancelled is shown as paid', async () => {
  const { phone, page, shop, newest } = await withOrders(1, DETAIL);
  shop.payAtWechat(newest);
  page.cancel();
  await phone.clock.settle();
  assert.equal(page.data.order.state, 'paid');
  assert.deepEqual(phone.toasts(), ['订单已支付，没有取消']);
});

test('a closed order offers to buy again', async () => {
  const { phone, page } = await withOrders(1, DETAIL);
  page.cancel();
  await phone.clock.settle();
  page.buyAgain();
  await phone.clock.settle();
  assert.equal(phone.top().route, 'pages/confirm/index');
  assert.equal(phone.top().data.goods.id, 'longjing');
});

test('an order of somebody else is not there', async () => {
  const phone = new Phone();
  await phone.launch('/pages/order/index?order_no=20991231');
  assert.equal(phone.top().data.phase, 'failed');
  assert.equal(phone.top().data.failure.text, '没有找到这笔订单。');
});
