// The device: network, background and kill, live reload.

import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { after } from 'node:test';

import { openPage, shop } from './harness/browser.mjs';
import { picture } from './harness/pictures.mjs';
import { ROOT } from './harness/world.mjs';

// A copy, because one of the tests changes it.
const folder = await mkdtemp(join(tmpdir(), 'shouyin-mini-program-'));
const miniProgram = join(folder, 'miniprogram');
await cp(join(ROOT, 'miniprogram'), miniProgram, { recursive: true });
after(() => rm(folder, { recursive: true }));

const { onPage } = shop({ miniProgram });

onPage('a phone without a network says so, and comes back by itself', async (stage) => {
  const { page } = stage;
  const phone = await openPage(stage);
  await phone.sees('明前龙井');
  const network = page.locator('[data-control=network]');
  await network.selectOption('offline');
  await phone.tap('我的订单');
  await phone.sees('网络没有连上');
  await picture(page, 'offline');
  await network.selectOption('online');
  await phone.sees('还没有订单');
});

onPage('a mini program that changes on disk is loaded anew', async (stage) => {
  const { page } = stage;
  const phone = await openPage(stage);
  await phone.sees('今日茶单');
  const file = join(miniProgram, 'utils/words.js');
  const words = await readFile(file, 'utf8');
  await writeFile(file, words.replace('今日茶单', '明日茶单'));
  await phone.sees('明日茶单');
  await page.getByText('小程序的代码变了').waitFor();
  await writeFile(file, words);
  await phone.sees('今日茶单');
});

onPage('an app that was killed starts anew, and one in the background goes on', async (stage) => {
  const { page } = stage;
  const phone = await openPage(stage);
  await phone.choose('明前龙井');
  await page.locator('[data-act=home]').click();
  await page.getByText('小程序在后台').waitFor();
  await page.locator('[data-act=home]').click();
  await phone.sees('去付款');
  await phone.screen.getByRole('button', { name: '退出小程序' }).click();
  await page.getByText('小程序在后台').waitFor();
  await page.locator('[data-act=home]').click();
  await phone.sees('去付款');
  await page.locator('[data-act=kill]').click();
  assert.equal(await page.locator('iframe[data-user=demo]').count(), 0);
  await picture(page, 'killed');
  await page.locator('[data-act=kill]').click();
  await phone.sees('今日茶单');
});
