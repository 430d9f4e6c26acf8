// Every page, in the light and in the dark, and what one does with a page beside paying.

import assert from 'node:assert/strict';

import { openScreen, shop } from './harness/browser.mjs';
import { everyButtonHasAName } from './harness/names.mjs';
import { picture } from './harness/pictures.mjs';

const { onScreen } = shop();

for (const colorScheme of ['light', 'dark']) {
  const look = { context: { colorScheme } };
  onScreen(`each page is drawn in the ${colorScheme}, and its buttons have names`, async (stage) => {
    const { world, page } = stage;
    const seen = async (what) => {
      await picture(page, `${what} ${colorScheme}`);
      await everyButtonHasAName(page);
    };
    const phone = await openScreen(stage);
    await phone.sees('明前龙井');
    await seen('goods');
    await phone.choose('明前龙井');
    await seen('confirm');
    await phone.tap('去付款');
    await phone.sheet.waitFor();
    await seen('cashier');
    await phone.leaveCashier();
    await phone.sees('订单还未支付');
    await seen('result unpaid');
    await phone.tap('继续支付');
    await phone.pay();
    await phone.sees('支付成功');
    await seen('result paid');
    await phone.tap('查看订单');
    await phone.sees('支付时间');
    await seen('order');
    await page.goto(world.url(`/phone/screen?user=${stage.buyer}`));
    await phone.tap('我的订单');
    await phone.sees('已支付');
    await seen('orders');
  }, look);
}

onScreen('pulling the list down brings what is new', async (stage) => {
  const { world, page, buyer } = stage;
  const phone = await openScreen(stage);
  await phone.tap('我的订单');
  await phone.sees('还没有订单');
  // On another phone of the same buyer.
  const other = await openScreen({ world, buyer, page: await page.context().newPage() });
  await other.choose('茉莉花茶');
  await other.tap('去付款');
  await other.pay();
  await other.sees('支付成功');
  await page.bringToFront();
  assert.equal(await phone.top.getByText('茉莉花茶').count(), 0);
  await phone.pull();
  await phone.sees('茉莉花茶');
  await phone.toast.getByText('已刷新').waitFor();
});
