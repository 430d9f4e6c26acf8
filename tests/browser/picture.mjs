// The README's picture: somebody has just paid, and beside the phone stands how that went.
// Run by `cargo xtask picture`, with the file to write.

import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { launch, openPage } from './harness/browser.mjs';
import { World } from './harness/world.mjs';

/** Of JPEG: above it the picture only grows. */
const QUALITY = 82;

const world = await World.start();
const browser = await launch();
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN' });
  const page = await context.newPage();
  const phone = await openPage({ page, world });
  await phone.choose('明前龙井');
  await phone.tap('去付款');
  await phone.pay();
  await phone.sees('支付成功');
  await page.locator('#story .kind-notification.is-ok').first().waitFor();
  const file = process.argv[2];
  await mkdir(dirname(file), { recursive: true });
  await page.screenshot({ path: file, type: 'jpeg', quality: QUALITY, animations: 'disabled' });
} finally {
  await browser.close();
  await world.stop();
}
