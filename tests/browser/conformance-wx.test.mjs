// The calls of `wx`: each row of tests/conformance/README.md.

import assert from 'node:assert/strict';

import { lab } from './harness/lab.mjs';
import { picture } from './harness/pictures.mjs';

const on = lab();

on('storage, callbacks and small calls answer as on a phone', 'api', async (phone) => {
  await phone.judges();
});

on('toast, modal, action sheet and bar are shown, and say what was chosen', 'ui', async (phone, { page }) => {
  await phone.tap('toast');
  await phone.screen.locator('.toast').getByText('a toast').waitFor();
  await picture(page, 'conformance toast');
  await phone.tap('words');
  await phone.screen.locator('.toast').getByText('only words').waitFor();
  await phone.tap('modal');
  const modal = phone.screen.locator('.modal');
  await modal.getByText('Really?').waitFor();
  await picture(page, 'conformance modal');
  await modal.getByRole('button', { name: 'Yes' }).click();
  await phone.shows('said', /^modal .*"confirm":true/);
  await phone.tap('ask');
  await modal.locator('input, textarea').fill('Lu Yu');
  await modal.getByRole('button', { name: '确定' }).click();
  await phone.shows('said', /^ask .*"content":"Lu Yu"/);
  await phone.tap('sheet');
  await phone.screen.getByRole('button', { name: 'second' }).click();
  await phone.shows('said', /^sheet .*"tapIndex":1/);
  await phone.tap('bar');
  await phone.screen.getByText('another title').first().waitFor();
  await picture(page, 'conformance bar');
});

on('requests go to listed domains only, and can be given up', 'request', async (phone, { world }) => {
  // Nobody is behind the domain of this world but the shop's server, which answers 404 in JSON.
  assert.ok(world.ports.server);
  await phone.tap('get');
  await phone.shows('got', /^request:ok number object /);
  await phone.tap('text');
  await phone.shows('got', 'request:ok number object string');
  for (const id of ['foreign', 'plain']) {
    await phone.tap(id);
    await phone.shows('got', /^request:fail url not in domain list/);
  }
  await phone.tap('abort');
  await phone.shows('got', 'request:fail abort');
  await phone.tap('promise');
  await phone.shows('got', 'function undefined');
});

on('the cashier refuses what is no payment, and the phone explains it', 'pay', async (phone) => {
  const mistakes = {
    numeric: 'requestPayment:fail 调用支付JSAPI缺少参数:timeStamp',
    missing: 'requestPayment:fail 调用支付JSAPI缺少参数:paySign',
    unknown: 'requestPayment:fail 该订单已失效',
  };
  for (const [id, words] of Object.entries(mistakes)) {
    await phone.tap(id);
    await phone.shows('got', words);
    await phone.problems.locator('.problem-row').first().waitFor();
    // The explanation lies over the page, until it is put away.
    await phone.problems.getByRole('button', { name: '关闭' }).click();
  }
});

on('the theme follows the phone', 'theme', async (phone, { page }) => {
  await phone.shows('theme', 'light');
  const light = await phone.style('#ground', 'backgroundColor');
  await page.emulateMedia({ colorScheme: 'dark' });
  await phone.shows('changed', 'dark');
  assert.notEqual(await phone.style('#ground', 'backgroundColor'), light);
  await picture(page, 'conformance dark');
});

on('a value of a wrong type is a warning and no more', 'types', async (phone) => {
  await phone.shows('rendered', 'rendered');
});

on('a mistake in a script is shown with its file and line', 'broken', async (phone, { expectError }) => {
  expectError(/broken on purpose|broken later|nobody caught this/);
  await phone.tap('fails');
  await phone.shows('errors', '1');
  await phone.problems.getByText('pages/broken/index.js:12').waitFor();
  await phone.problems.getByRole('button', { name: '关闭' }).click();
  await phone.tap('later');
  await phone.shows('errors', '2');
  await phone.problems.getByText('broken later').waitFor();
  await phone.problems.getByRole('button', { name: '关闭' }).click();
  await phone.tap('rejects');
  await phone.problems.getByText('nobody caught this').waitFor();
});
