// The README's pictures: somebody has just paid, and beside the phone stands how that went.
// Run by `cargo xtask picture`, with the folder to write to.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { launch, openPage } from './harness/browser.mjs';
import { World } from './harness/world.mjs';

/** Of JPEG: above it the picture only grows. */
const QUALITY = 82;

const PICTURES = [
  { file: 'phone.zh-CN.jpg', locale: 'zh-CN', goods: '明前龙井', toPay: '去付款', paid: '支付成功' },
  { file: 'phone.jpg', locale: 'en-US', goods: 'Longjing green tea', toPay: 'Pay', paid: 'Paid' },
];

const [folder] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const browser = await launch();
try {
  for (const wanted of PICTURES) {
    const world = await World.start();
    await take(world, wanted).finally(() => world.stop());
  }
} finally {
  await browser.close();
}

async function take(world, { file, locale, goods, toPay, paid }) {
  const viewport = { width: 1440, height: 900 };
  const context = await browser.newContext({ viewport, locale, timezoneId: 'Asia/Shanghai' });
  const page = await context.newPage();
  const phone = await openPage({ page, world });
  await phone.words(goods).click();
  await phone.tap(toPay);
  await phone.pay();
  await phone.sees(paid);
  await page.locator('#story .kind-notification.is-ok').first().waitFor();
  const question = page.locator('#story .kind-request').filter({ hasText: '/refresh' });
  await question.first().waitFor();
  await page.screenshot({ path: join(folder, file), type: 'jpeg', quality: QUALITY, animations: 'disabled' });
  await context.close();
}
