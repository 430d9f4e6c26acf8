// Paying, and not paying.

import assert from 'node:assert/strict';

import { openScreen, shop } from './harness/browser.mjs';
import { picture } from './harness/pictures.mjs';

const { onScreen } = shop();

onScreen('a buyer orders tea, pays, and sees the true state', async ({ world, page, buyer }) => {
  const before = await world.books();
  const phone = await openScreen({ world, page, buyer });
  await phone.choose('明前龙井');
  await picture(page, 'confirm');
  await phone.tap('去付款');
  assert.equal(await phone.amount(), '68.00');
  await picture(page, 'cashier');
  await phone.pay();
  await phone.sees('支付成功');
  await picture(page, 'result paid');
  const orderNo = await world.oneNewOrder(before);
  assert.equal((await world.order(orderNo)).state, 'paid');
  await phone.tap('查看订单');
  await phone.sees(orderNo);
  await phone.sees('已支付');
  await picture(page, 'order paid');
});

onScreen('whoever leaves the cashier can pay the same order later', async ({ world, page, buyer }) => {
  const before = await world.books();
  const phone = await openScreen({ world, page, buyer });
  await phone.choose('铁观音');
  await phone.tap('去付款');
  await phone.sheet.waitFor();
  await phone.leaveCashier();
  await phone.sees('订单还未支付');
  await picture(page, 'result unpaid');
  const orderNo = await world.oneNewOrder(before);
  assert.equal((await world.order(orderNo)).state, 'awaiting_payment');
  await phone.tap('继续支付');
  assert.equal(await phone.amount(), '52.00');
  await phone.pay();
  await phone.sees('支付成功');
  assert.equal(await world.oneNewOrder(before), orderNo);
  await world.orderIs(orderNo, 'paid');
});

onScreen('a wrong password leaves the cashier open for the right one', async (stage) => {
  const { world, page } = stage;
  const before = await world.books();
  const phone = await openScreen(stage);
  await phone.choose('茉莉花茶');
  await phone.tap('去付款');
  await phone.password('000000');
  await phone.sheet.getByText('密码错误').waitFor();
  await picture(page, 'cashier wrong password');
  const orderNo = await world.oneNewOrder(before);
  assert.equal((await world.order(orderNo)).state, 'awaiting_payment');
  await phone.pay();
  await phone.sees('支付成功');
});

onScreen('who has not enough money is told, and pays once there is more', async (stage) => {
  const { world, page, buyer } = stage;
  await world.control('PUT', `/control/users/${buyer}`, { balance_fen: 100 });
  const phone = await openScreen(stage);
  await phone.choose('茉莉花茶');
  await phone.tap('去付款');
  await phone.password();
  await phone.sheet.getByText('余额不足').waitFor();
  await picture(page, 'cashier not enough money');
  await world.control('PUT', `/control/users/${buyer}`, { balance_fen: null });
  await phone.pay();
  await phone.sees('支付成功');
});

onScreen('a double tap on pay makes one order', async (stage) => {
  const before = await stage.world.books();
  const phone = await openScreen(stage);
  await phone.choose('茉莉花茶');
  const pay = phone.top.getByRole('button', { name: '去付款' });
  await pay.dblclick();
  await phone.pay();
  await phone.sees('支付成功');
  await stage.world.oneNewOrder(before);
});
