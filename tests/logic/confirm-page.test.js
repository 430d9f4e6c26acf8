/** From the goods to the cashier: one order, whatever the thumb and the network do. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Phone } from './harness/phone.js';

async function atConfirm(goods_id = 'longjing') {
  const phone = new Phone();
  await phone.launch();
  phone.top().choose({ currentTarget: { dataset: { id: goods_id } } });
  await phone.clock.settle();
  return { phone, page: phone.top(), shop: phone.shop };
}

const PLACE = /POST \/v1\/mp\/orders$/;

test('goods are shown from the server, with what is sold out', async () => {
  const phone = new Phone();
  const page = await phone.launch();
  assert.equal(page.data.phase, 'ready');
  const shown = page.data.goods.map((one) => [one.main, one.price, one.soldOut, one.left]);
  assert.deepEqual(shown, [
    ['白瓷盖碗', '129.00', false, 12], ['明前龙井', '68.05', false, -1], ['百本茶筅', '86.00', true, -1],
  ]);
});

test('sold out goods do not open', async () => {
  const { phone } = await atConfirm('whisk');
  assert.equal(phone.top().route, 'pages/goods/index');
});

test('a quantity changes the estimate, within the stock', async () => {
  const { page } = await atConfirm('gaiwan');
  assert.equal(page.data.estimate_fen, 12900);
  page.changeQuantity({ detail: { value: 3 } });
  assert.equal(page.data.estimate_fen, 38700);
  assert.equal(page.data.goods.max, 12);
});

test('paying ends on the result page, with the server\'s word', async () => {
  const { phone, page, shop } = await atConfirm();
  page.changeQuantity({ detail: { value: 2 } });
  page.pay();
  await phone.clock.run(0);
  const result = phone.top();
  assert.equal(result.route, 'pages/result/index');
  assert.equal(result.data.state, 'paid');
  assert.equal(result.data.title, '支付成功');
  assert.equal(result.data.order.amount_fen, 13610);
  assert.equal(shop.orders.size, 1);
  assert.ok(page.gone, 'going back does not lead to the button again');
});

test('a double tap is one request, one order, one cashier', async () => {
  const { phone, page, shop } = await atConfirm();
  page.pay();
  page.pay();
  await phone.clock.settle();
  page.pay();
  await phone.clock.run(1000);
  assert.equal(shop.calls(PLACE).length, 1);
  assert.equal(shop.orders.size, 1);
  assert.equal(phone.payments.length, 1);
});

test('a lost answer, and the next tap, keep the key: one order', async () => {
  const { phone, page, shop } = await atConfirm();
  shop.fault(PLACE, 'lose', 3);
  page.pay();
  await phone.clock.run(5000);
  assert.equal(page.data.problem, '没有收到商家的答复。再点一次不会重复下单。');
  assert.equal(page.data.busy, false);
  page.pay();
  await phone.clock.run(5000);
  const keys = shop.calls(PLACE).map((call) => call.header['Idempotency-Key']);
  assert.equal(keys.length, 4);
  assert.equal(new Set(keys).size, 1);
  assert.equal(shop.orders.size, 1);
  assert.equal(phone.top().data.state, 'paid');
});

test('another visit is another order', async () => {
  const { phone, page, shop } = await atConfirm();
  page.pay();
  await phone.clock.run(0);
  phone.top().toShop();
  await phone.clock.settle();
  phone.top().choose({ currentTarget: { dataset: { id: 'longjing' } } });
  await phone.clock.settle();
  phone.top().pay();
  await phone.clock.run(0);
  assert.equal(shop.orders.size, 2);
});

test('another quantity after a refusal is another intent', async () => {
  const { phone, page, shop } = await atConfirm('gaiwan');
  shop.goods[0].stock = 1;
  page.changeQuantity({ detail: { value: 2 } });
  page.pay();
  await phone.clock.run(0);
  assert.equal(page.data.problem, '库存不够了，请减少数量。');
  page.changeQuantity({ detail: { value: 1 } });
  assert.equal(page.data.problem, '');
  page.pay();
  await phone.clock.run(0);
  const keys = shop.calls(PLACE).map((call) => call.header['Idempotency-Key']);
  assert.equal(new Set(keys).size, 2);
  assert.equal(phone.top().data.state, 'paid');
});

test('an order that expired while its answer was lost frees the key', async () => {
  const { phone, page, shop } = await atConfirm();
  shop.fault(PLACE, 'lose', 3);
  page.pay();
  await phone.clock.run(31 * 60 * 1000);
  page.pay();
  await phone.clock.run(0);
  assert.equal(page.data.problem, '上一笔订单已过期，请再点一次重新下单。');
  page.pay();
  await phone.clock.run(0);
  assert.equal(shop.orders.size, 2);
  assert.equal(phone.top().data.state, 'paid');
});

test('an order that expires in the open cashier is closed, and can be bought again', async () => {
  const { phone, page, shop } = await atConfirm();
  phone.cashierOpens = () => {
    phone.clock.now += 31 * 60 * 1000;
    throw new Error('该订单已失效');
  };
  page.pay();
  await phone.clock.run(1000);
  const result = phone.top();
  assert.equal(result.data.state, 'closed');
  assert.equal(result.data.title, '订单已关闭');
  result.buyAgain();
  await phone.clock.settle();
  assert.equal(phone.top().route, 'pages/confirm/index');
  assert.equal(phone.top().data.goods.id, 'longjing');
  assert.equal(shop.orders.size, 1);
});

test('a new price is asked about before the cashier opens', async () => {
  const { phone, page, shop } = await atConfirm();
  shop.goods[1].price_fen = 7000;
  phone.confirmModal = false;
  page.pay();
  await phone.clock.run(0);
  const modal = phone.said.find((one) => one.name === 'showModal').options;
  assert.match(modal.content, /¥70\.00$/);
  assert.equal(phone.payments.length, 0);
  assert.equal(phone.top().route, 'pages/order/index');
  assert.equal(phone.top().data.order.payable, true);
});

test('a server that is down during the order says so and lets one retry', async () => {
  const { phone, page, shop } = await atConfirm();
  shop.fault(PLACE, { status: 503, code: 'GATEWAY_UNAVAILABLE', retryable: true }, 3);
  page.pay();
  await phone.clock.run(5000);
  assert.equal(page.data.problem, '微信支付暂时没有答复，请稍后再试，不会重复下单。');
  page.pay();
  await phone.clock.run(0);
  assert.equal(phone.top().data.state, 'paid');
  assert.equal(new Set(shop.calls(PLACE).map((call) => call.header['Idempotency-Key'])).size, 1);
});

test('an unknown code is told in the server\'s own words, in the phone\'s language', async () => {
  const { phone, page, shop } = await atConfirm();
  shop.fault(PLACE, { status: 400, code: 'SOMETHING_NEW' });
  page.pay();
  await phone.clock.run(0);
  assert.equal(page.data.problem, '中文 SOMETHING_NEW');
});

test('goods that are gone say so', async () => {
  const phone = new Phone();
  await phone.launch('/pages/confirm/index?goods_id=nothing');
  assert.equal(phone.top().data.phase, 'failed');
  assert.equal(phone.top().data.failure.title, '这件商品已经下架了');
  phone.top().retry();
  await phone.clock.settle();
  assert.equal(phone.top().route, 'pages/goods/index');
});
