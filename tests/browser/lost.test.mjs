// What gets lost on the way, and is found again.

import assert from 'node:assert/strict';

import { openScreen, shop } from './harness/browser.mjs';
import { picture } from './harness/pictures.mjs';

/** The first timed question of the server comes 5 s after the order, the next after 30 s. */
const POLL_MS = 60_000;
/** 10 s for the dead server's claim on the key to run out, and the phone's own waits between repeats. */
const TAKEN_OVER_MS = 40_000;
const LOSE = { on: 'notification', kind: 'lose' };

// A repeat after a crash waits until the first one's time at WeChat is over; so that is short here.
const { onScreen } = shop({
  settings: { 'wechat.connect_timeout_ms': 500, 'wechat.timeout_ms': 2_000 },
});

onScreen('a lost notification is made up for by a question', async (stage) => {
  const { t, world } = stage;
  await world.faults(t, LOSE);
  const before = await world.books();
  const phone = await openScreen(stage);
  await phone.choose('明前龙井');
  await phone.tap('去付款');
  await phone.pay();
  await phone.sees('支付成功');
  const orderNo = await world.oneNewOrder(before);
  const { delivered, queries } = await world.wire(orderNo);
  assert.equal(delivered, false, 'no notification came through');
  assert.ok(queries > 0, 'the platform was asked');
});

onScreen('an app that is killed while paying finds its order paid', async (stage) => {
  const { t, world, page } = stage;
  await world.faults(t, LOSE);
  const before = await world.books();
  const phone = await openScreen(stage);
  await phone.choose('明前龙井');
  await phone.tap('去付款');
  await phone.sheet.waitFor();
  // The platform takes the money, and the phone dies before it hears of it.
  const paid = new Promise((resolve) => {
    void page.route('**/control/cashier/*/pay', async (route) => {
      await route.fetch();
      await page.goto('about:blank');
      resolve();
    });
  });
  await phone.password().catch(() => {});
  await paid;
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  const orderNo = await world.oneNewOrder(before);
  await world.orderIs(orderNo, 'paid', POLL_MS);
  assert.equal((await world.wire(orderNo)).delivered, false, 'it was the poll');
  const again = await openScreen(stage);
  await again.sees('支付成功');
  await again.tap('查看订单');
  await again.sees(orderNo);
});

onScreen('a prepay answered 500 after its effect is repeated, and makes one order', async (stage) => {
  const { t, world, page } = stage;
  const fault = { on: 'prepay', kind: 'status', status: 500, code: 'SYSTEM_ERROR' };
  await world.faults(t, { ...fault, after_effect: true, times: 1 });
  const before = await world.books();
  const phone = await openScreen(stage);
  await phone.choose('茉莉花茶');
  await phone.tap('去付款');
  await phone.sheet.waitFor();
  await picture(page, 'cashier after trouble');
  await phone.pay();
  await phone.sees('支付成功');
  await world.oneNewOrder(before);
});

onScreen('a server that dies during the order gets the same order again', async (stage) => {
  const { t, world, page } = stage;
  // While the platform takes its time, the server waits for it, with the order on disk.
  await world.faults(t, { on: 'prepay', kind: 'delay', delay_ms: 1_500, times: 1 });
  const before = await world.books();
  const phone = await openScreen(stage);
  await phone.choose('茉莉花茶');
  await phone.tap('去付款');
  await stage.until('the order is written down', async () => {
    return (await world.books()).merchant.length > before.merchant.length;
  });
  await world.killServer();
  await stage.until('the phone says so', async () => (await page.innerText('body')).includes('不会重复下单'));
  await picture(page, 'server down');
  await world.startServer();
  // The server asks to wait a little; the buyer taps until it goes on.
  await stage.until('the cashier opens', async () => {
    if (await phone.sheet.isVisible()) return true;
    const pay = phone.top.getByRole('button', { name: '去付款' });
    await pay.click({ timeout: 500 }).catch(() => {});
    return false;
  }, TAKEN_OVER_MS);
  await phone.pay();
  await phone.sees('支付成功');
  await world.oneNewOrder(before);
});
