// The story beside the phone: what happened on the wire, and why.

import assert from 'node:assert/strict';

import { openPage, phoneOf, shop } from './harness/browser.mjs';
import { everyButtonHasAName } from './harness/names.mjs';
import { picture } from './harness/pictures.mjs';

const { onPage } = shop();

/** Rows of one kind: `request`, `api`, `cashier`, `notification`, `state`, … */
function rows(page, kind) {
  return page.locator(`#story [data-entry].kind-${kind}`);
}

async function buy(phone, goods = '明前龙井') {
  await phone.choose(goods);
  await phone.tap('去付款');
  await phone.pay();
  await phone.sees('支付成功');
}

onPage('the story tells each call of a payment, with its verdicts', async (stage) => {
  const { page } = stage;
  await buy(await openPage(stage));
  const told = [
    rows(page, 'request').filter({ hasText: '/v1/mp/orders' }),
    rows(page, 'api').filter({ hasText: '/v3/pay/transactions/jsapi' }),
    rows(page, 'cashier'),
    rows(page, 'notification'),
    rows(page, 'state'),
  ];
  for (const row of told) await row.first().waitFor();
  for (const signed of [told[1], told[2]]) await signed.getByText('验签通过').first().waitFor();
  await everyButtonHasAName(page);
  await picture(page, 'story paid');
});

onPage('a row opens to headers, body, the signed string and the decrypted resource', async (stage) => {
  const { page } = stage;
  await buy(await openPage(stage));
  const notice = rows(page, 'notification').first();
  await notice.locator('.row').click();
  const inspector = notice.locator('.inspector');
  await inspector.getByText(/wechatpay-signature/i).first().waitFor();
  await everyButtonHasAName(page);
  await picture(page, 'story notification');
  await inspector.locator('[data-tab=signed]').click();
  await inspector.locator('.signed').waitFor();
  await picture(page, 'story signed');
  await inspector.locator('[data-tab=plain]').click();
  await inspector.getByText('SUCCESS').first().waitFor();
  await picture(page, 'story decrypted');
});

onPage('a lost notification is shown as lost, and the question that replaces it', async (stage) => {
  const { page } = stage;
  const phone = await openPage(stage);
  await page.locator('[data-fault=lose]').click();
  await page.locator('[data-fault=lose][aria-pressed=true]').waitFor();
  await buy(phone);
  await page.locator('#story .kind-notification.is-lost').first().waitFor();
  await rows(page, 'api').filter({ hasText: '/v3/pay/transactions/out-trade-no/' }).first().waitFor();
  await picture(page, 'story lost');
});

onPage('a forged paySign is refused, and the story says why', async (stage) => {
  const { page } = stage;
  const phone = await openPage(stage);
  await page.route('**/control/cashier', async (route) => {
    const fields = route.request().postDataJSON();
    await route.continue({ postData: JSON.stringify({ ...fields, nonceStr: 'forged' }) });
  });
  await phone.choose('茉莉花茶');
  await phone.tap('去付款');
  await phone.sees('收银台没有完成支付');
  const refused = page.locator('#story .kind-cashier.is-refused').first();
  await refused.getByText('验签失败').waitFor();
  await refused.locator('.row').click();
  await refused.locator('[data-tab=why]').click();
  await refused.locator('.causes li').first().waitFor();
  await picture(page, 'story forged');
});

onPage('two buyers at once see their own orders only', async (stage) => {
  const { page, world } = stage;
  const first = await openPage(stage);
  const before = await world.books();
  await page.locator('[data-add=buyer]').click();
  const frame = page.locator('iframe[data-user]:not([data-user=demo])');
  const second = phoneOf(page, await frame.getAttribute('data-user'));
  await Promise.all([first.sees('明前龙井'), second.sees('明前龙井')]);
  await second.choose('铁观音');
  await second.tap('去付款');
  await second.sheet.waitFor();
  await picture(page, 'two buyers');
  await second.pay();
  await second.sees('支付成功');
  const orderNo = await world.oneNewOrder(before);
  await second.tap('查看订单');
  await second.sees(orderNo);
  await first.tap('我的订单');
  await first.words(/没有更多订单了|还没有订单/).waitFor();
  assert.equal(await first.top.getByText('铁观音').count(), 0);
  await picture(page, 'two buyers own orders');
});

onPage('the page speaks English when asked', async (stage) => {
  const { page } = stage;
  const phone = await openPage(stage);
  await buy(phone);
  await page.locator('[data-name=language] [data-value=en]').click();
  await page.getByText('Merchant’s server').or(page.getByText("Merchant's server")).first().waitFor();
  await rows(page, 'api').getByText('Signature verified').first().waitFor();
  await rows(page, 'notification').getByText('Payment notification').first().waitFor();
  await picture(page, 'story English');
});
