// What app.json makes of a mini program, ES modules, and the calls that ask who the buyer is: rows of
// tests/conformance/README.md.

import assert from 'node:assert/strict';

import { lab } from './harness/lab.mjs';
import { picture } from './harness/pictures.mjs';

const on = lab();

on('ES modules are translated, also those that import each other', 'esm', async (phone) => {
  await phone.judges();
});

on('a page of a sub-package is a page like others', 'index', async (phone) => {
  await phone.tap('to-inside');
  await phone.shows('route', 'pack/inside/index of a package');
  await phone.find('pack-note').getByText('a note of the package').waitFor();
});

on('tabs keep their pages, and what lies on them goes', 'index', async (phone, { page, until }) => {
  const bar = phone.screen.locator('#tab-bar');
  assert.equal(await bar.isVisible(), false);
  await phone.tap('to-tab-first');
  await phone.at('tab-first');
  await phone.shows('log', 'load 0, show');
  await bar.getByRole('button', { name: 'second' }).click();
  await phone.at('tab-second');
  await phone.shows('log', 'load 0, show, tap 1 second');
  await picture(page, 'conformance tabs');
  await phone.tap('other');
  await phone.at('tab-first');
  await phone.shows('log', 'load 0, show, hide, show');
  await phone.tap('over');
  await phone.at('tab-over');
  assert.equal(await bar.isVisible(), false);
  await phone.tap('badge');
  await phone.shows('said', 'setTabBarBadge:fail not TabBar page');
  await phone.back();
  await phone.at('tab-first');
  await phone.tap('over');
  await phone.at('tab-over');
  await phone.tap('other');
  await phone.at('tab-second');
  await phone.shows('log', /, hide, show$/);
  await phone.tap('to-tab');
  await phone.shows('said', 'navigateTo:fail can not navigateTo a tabbar page');
  await phone.tap('to-index');
  await phone.at('index');
  const left = 'unload pages/tab-over/index, unload pages/tab-over/index, unload pages/tab-second/index, '
    + 'unload pages/tab-first/index';
  await until('all pages to be closed', async () => (await phone.text('launch')).endsWith(left));
});

on('the bar takes its room, its colours and its badges', 'index', async (phone, { page }) => {
  const bar = phone.screen.locator('#tab-bar');
  const colour = (name) => bar.getByRole('button', { name }).evaluate((node) => getComputedStyle(node).color);
  await phone.tap('to-tab-first');
  await phone.at('tab-first');
  const [above, below] = [await phone.window().boundingBox(), await bar.boundingBox()];
  assert.equal(above.y + above.height, below.y);
  await phone.shows('high', String(above.height));
  assert.equal((await phone.box('#full')).height, above.height);
  assert.deepEqual([await colour('first'), await colour('second')], ['rgb(255, 0, 0)', 'rgb(119, 119, 119)']);
  await phone.tap('badge');
  await bar.locator('.tab-badge').getByText('123…').waitFor();
  await phone.tap('dot');
  await bar.locator('.tab-dot').waitFor();
  await phone.tap('words');
  await bar.getByRole('button', { name: 'changed' }).waitFor();
  assert.equal(await colour('changed'), 'rgb(0, 0, 255)');
  await picture(page, 'conformance tab bar');
  await phone.tap('hide');
  await bar.waitFor({ state: 'hidden' });
  await phone.tap('show');
  await bar.waitFor();
});

on('rich text shows what is known, and runs nothing', 'widgets', async (phone) => {
  const rich = phone.find('#rich');
  assert.equal((await rich.innerText()).trim(), 'rich\u00a0nodes');
  assert.equal(await phone.style('#rich p', 'color'), 'rgb(200, 0, 0)');
  assert.equal(await phone.style('#rich p', 'width'), '37.5px');
  assert.equal(await phone.find('#html').innerText(), 'bold<i>');
  const html = await phone.find('#html').innerHTML();
  assert.ok(!/script|onerror|onclick/.test(html), html);
  assert.equal(await phone.top.evaluate((node) => getComputedStyle(node).backgroundColor), 'rgb(250, 240, 230)');
  await phone.find('#cover').waitFor();
  await phone.find('#portal').waitFor();
});

on('sliders and pickers of each mode say what was chosen', 'widgets', async (phone, { page }) => {
  const panel = phone.screen.locator('.picker-panel');
  const done = () => panel.getByRole('button', { name: '确定' }).click();
  const choose = (name) => panel.getByRole('option', { name, exact: true }).click();
  await phone.find('#slider input').press('ArrowRight');
  await phone.shows('got', '10');
  await phone.tap('several');
  await choose('black');
  await panel.getByRole('option', { name: 'keemun' }).waitFor();
  await done();
  await phone.shows('got', '[1,0]');
  await phone.tap('date');
  await choose('04月');
  await choose('30日');
  await choose('02月');
  await picture(page, 'conformance date');
  await done();
  await phone.shows('got', '"2026-02-28"');
  await phone.tap('month');
  await choose('2027年');
  await done();
  await phone.shows('got', '"2027-02"');
  await phone.tap('time');
  await panel.getByRole('listbox').first().getByRole('option', { name: '23' }).click();
  await done();
  await phone.shows('got', '"23:05"');
  await phone.tap('leave');
  await panel.getByRole('button', { name: '取消' }).click();
  await phone.shows('got', 'left');
});

on('pictures are looked at one after the other', 'widgets', async (phone) => {
  const preview = phone.screen.locator('.preview');
  await phone.tap('preview');
  await preview.getByText('2 / 2').waitFor();
  await preview.getByRole('button', { name: '下一张' }).click();
  await preview.getByText('1 / 2').waitFor();
  await preview.getByRole('button', { name: '关闭' }).click();
  await preview.waitFor({ state: 'detached' });
  await phone.shows('got', 'previewImage:ok');
});

on('the buyer stays nobody, and what is not there says so', 'buyer', async (phone) => {
  const answers = {
    avatar: 'avatar data:image',
    info: 'getUserInfo:ok 微信用户',
    phone: 'getPhoneNumber:fail not supported on the virtual phone',
    profile: 'getUserProfile:ok 微信用户',
    harmless: 'showShareMenu:ok 0 true false',
  };
  for (const [id, words] of Object.entries(answers)) {
    await phone.tap(id);
    await phone.shows('got', words);
  }
  await phone.tap('share');
  await phone.screen.locator('.toast').getByText('虚拟手机不支持转发').waitFor();
  const modal = phone.screen.locator('.modal');
  await phone.tap('address');
  await modal.getByRole('button', { name: '使用' }).click();
  await phone.shows('got', 'chooseAddress:ok 广州市');
  await phone.tap('messages');
  await modal.getByRole('button', { name: '允许' }).click();
  await phone.shows('got', /^\{"template-1":"accept","errMsg":"requestSubscribeMessage:ok"\}$/);
});
