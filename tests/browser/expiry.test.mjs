// What ends: an order's time, and a session.

import assert from 'node:assert/strict';

import { openScreen, shop } from './harness/browser.mjs';
import { picture } from './harness/pictures.mjs';

/** The least that the server accepts. */
const EXPIRES_IN_S = 60;
/** It ends, is asked about once more, and is closed, each at the pace of the server's jobs. */
const CLOSED_MS = (EXPIRES_IN_S + 30) * 1000;

const { onScreen } = shop({ settings: { 'orders.expires_in_s': EXPIRES_IN_S } });

onScreen('an order whose time ends on the way to the cashier is closed, and a new one is made', async (stage) => {
  const { t, world, page } = stage;
  const before = await world.books();
  const phone = await openScreen(stage);
  await phone.choose('茉莉花茶');
  // The order is made, but the phone hears nothing of it: no cashier, the same page.
  const fault = { on: 'prepay', kind: 'status', status: 500, code: 'SYSTEM_ERROR' };
  await world.faults(t, { ...fault, after_effect: true });
  await phone.tap('去付款');
  await phone.sees('不会重复下单');
  await picture(page, 'confirm trouble');
  await world.control('PUT', '/control/faults', { faults: [] });
  const orderNo = await world.oneNewOrder(before);
  await world.orderIs(orderNo, 'closed', CLOSED_MS);
  await phone.tap('去付款');
  await phone.sees('上一笔订单已过期');
  await picture(page, 'confirm expired');
  const closed = await world.books();
  await phone.tap('去付款');
  await phone.pay();
  await phone.sees('支付成功');
  assert.notEqual(await world.oneNewOrder(closed), orderNo);
});

onScreen('a session that has ended is renewed without a word', async (stage) => {
  const { page } = stage;
  const phone = await openScreen(stage);
  await phone.choose('明前龙井');
  await page.evaluate(() => {
    for (const [name, text] of Object.entries(localStorage)) {
      if (name.includes('session')) localStorage[name] = text.replace(/("token\\?":\\?")[^"\\]+/, '$1ended');
    }
  });
  const logins = countLogins(page);
  await phone.tap('去付款');
  await phone.pay();
  await phone.sees('支付成功');
  assert.equal(logins.count, 1);
});

function countLogins(page) {
  const logins = { count: 0 };
  page.on('request', (request) => {
    if (request.url().endsWith('/control/login')) logins.count += 1;
  });
  return logins;
}
