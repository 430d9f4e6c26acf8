// Templates, styles, components and pages: each row of tests/conformance/README.md.

import assert from 'node:assert/strict';

import { lab } from './harness/lab.mjs';
import { picture } from './harness/pictures.mjs';

const on = lab();

on('the conformance mini program compiles without an issue, and is launched', 'index', async (phone, { world }) => {
  await phone.shows('launch', 'app.onLaunch pages/index/index, app.onShow');
  const issues = await fetch(world.url('/phone/app/issues.json')).then((answer) => answer.json());
  assert.deepEqual(issues, []);
});

on('events carry what WeChat says they carry', 'events', async (phone) => {
  await phone.tap('plain');
  await phone.shows('plain-got', 'tap');
  await phone.find('#field input').pressSequentially('axb');
  await phone.shows('field-got', 'ayb|3|undefined');
  assert.equal(await phone.find('#field input').inputValue(), 'ayb');
  assert.equal(await phone.text('field-leaked'), '');
  await phone.tap('data');
  await phone.shows('data-got', 'number 7 3 data first top');
  await phone.shows('data-printed', 'printed');
  await phone.shows('data-touches', '1 number number');
  await phone.tap('order');
  await phone.shows('order-got', 'capture inner outer');
  await phone.tap('catch');
  await phone.shows('catch-got', '1');
  await phone.top.getByRole('button', { name: 'count 0' }).click();
  await phone.shows('counter-got', 'count 1 me');
});

on('a long press is no tap, and a finger that rests shows the hover class', 'events', async (phone, { page, until }) => {
  await phone.find('#long').hover();
  await page.mouse.down();
  await phone.shows('long-got', 'long');
  await page.mouse.up();
  await phone.tap('plain');
  await phone.shows('plain-got', 'tap');
  await phone.shows('long-got', 'long');
  await phone.tap('long');
  await phone.shows('long-got', 'longtap');
  await phone.find('#hover').hover();
  await page.mouse.down();
  const hovered = async () => (await phone.style('#hover', 'backgroundColor')) === 'rgb(9, 8, 7)';
  await until('the hover class', hovered);
  await page.mouse.up();
});

on('modules find each other, and find no browser', 'modules', async (phone) => {
  await phone.judges();
  await phone.find('.body, view').getByText('from npm').first().waitFor();
});

on('WXS has its own regular expressions, dates and modules', 'wxs', async (phone) => {
  await phone.shows('wxs-inline', '42');
  await phone.shows('wxs-regexp', 'a+b+c');
  await phone.shows('wxs-date', '1970');
  await phone.shows('wxs-file', '17.90');
  await phone.shows('wxs-requires', '¥17.90');
});

on('styles stay where they belong', 'style', async (phone, { page }) => {
  assert.equal((await phone.box('#inline')).width, 187.5);
  assert.equal(await phone.style('#by-id', 'color'), 'rgb(11, 22, 33)');
  assert.equal(await phone.top.evaluate((node) => getComputedStyle(node).backgroundColor), 'rgb(240, 250, 255)');
  assert.equal((await phone.box('#full')).height, (await phone.window().boundingBox()).height);
  const inside = '.outside view';
  const looks = await Promise.all(['color', 'fontSize', 'textDecorationLine'].map((name) => phone.style(inside, name)));
  assert.deepEqual(looks, ['rgb(0, 0, 0)', '20px', 'underline']);
  assert.equal(await phone.find('#hidden-view').isVisible(), false);
  assert.equal(await phone.find('#hidden-component').isVisible(), false);
  assert.equal(await phone.style('#own-button', 'backgroundColor'), 'rgb(50, 60, 70)');
  await picture(page, 'conformance style');
  await phone.back();
  await phone.go('style-other');
  assert.equal(await phone.style('#title', 'color'), 'rgb(90, 80, 70)');
  assert.equal(await phone.style('#moving', 'animationName'), 'style-other-moves');
});

on('components and pages live and die in the order of a phone', 'lifecycle', async (phone) => {
  const log = [
    'child.created, child.attached, page.onLoad, child.pageShow, page.onShow, child.ready, page.onReady',
    'child.created, later.attached, later.ready',
    'child.pageHide, later.pageHide, page.onHide, child.pageShow, later.pageShow, page.onShow',
  ];
  await phone.shows('log', log[0]);
  await phone.tap('later');
  await phone.shows('log', new RegExp(`${log[1]}$`));
  await phone.tap('next');
  await phone.screen.locator('#pages page.top:not([data-route="pages/lifecycle/index"])').waitFor();
  await phone.back();
  await phone.at('lifecycle');
  await phone.tap('refresh');
  await phone.shows('log', new RegExp(`${log[2]}$`));
  await phone.tap('messages');
  await phone.at('stack');
  await phone.shows('said', 'question from lifecycle');
  await phone.back();
  await phone.at('lifecycle');
  await phone.shows('query', 'answer from stack');
});

on('built-in behaviours make a field of a component', 'behaviors', async (phone) => {
  await phone.tap('send');
  await phone.shows('form-value', '{"own":"mine"}');
  await phone.find('own-field').getByText('hello from behavior: mine').waitFor();
});

on('templates, lists, conditions and slots follow the data', 'template', async (phone) => {
  await phone.shows('template-row', '1 one x');
  await phone.shows('included', 'included');
  await phone.shows('for', '0=one;1=two;');
  await phone.shows('if', 'b');
  await phone.tap('change');
  await phone.shows('for', '0=one;1=zwei;');
  await phone.shows('if', 'other');
  await phone.shows('found', '5 3');
  const bound = phone.find('#bound input');
  assert.equal(await bound.inputValue(), 'from page');
  await phone.find('counter-box').getByText('green tea').waitFor();
  await bound.fill('typed');
  await phone.shows('bound-got', 'typed');
});

on('a form collects its fields, and empties them', 'form', async (phone, { page }) => {
  const who = phone.find('#who input');
  assert.equal(await phone.style('#who', 'caretColor'), 'rgb(1, 2, 3)');
  await who.pressSequentially('abcdefg');
  await who.press('Enter');
  await phone.shows('said', 'confirm "abcde"');
  await phone.find('#note textarea').fill('a note');
  await phone.shows('focused', 'blur abcde');
  await phone.tap('gift', 'milk', 'submit');
  await phone.shows('form-value', /^\{.*\}$/);
  const value = JSON.parse(await phone.text('form-value'));
  assert.deepEqual([value.who, value.note, value.gift, value.size], ['abcde', 'a note', true, 'l']);
  assert.deepEqual(value.extras.sort(), ['honey', 'milk']);
  await picture(page, 'conformance form');
  await phone.tap('reset');
  await phone.shows('form-value', 'reset');
  assert.equal(await who.inputValue(), '');
  const before = await phone.text('said');
  await phone.find('#disabled').click({ force: true });
  assert.equal(await phone.text('said'), before);
});

on('pictures tell their size, and lists and swipers where they are', 'media', async (phone, { page, expectError }) => {
  expectError(/missing\.svg/);
  await phone.shows('picture-got', '40x20');
  await phone.shows('picture-failed', /missing\.svg/);
  assert.equal((await phone.box('#wide')).height, 60);
  await phone.tap('swiper-third');
  await phone.find('#swiper').getByText('three').waitFor();
  await phone.shows('swiper-got', /^2/);
  await phone.find('#swiper').scrollIntoViewIfNeeded();
  const swiper = await phone.box('#swiper');
  await page.mouse.move(swiper.x + 40, swiper.y + swiper.height / 2);
  await page.mouse.down();
  await page.mouse.move(swiper.x + 40 + swiper.width / 2, swiper.y + swiper.height / 2, { steps: 8 });
  await page.mouse.up();
  await phone.shows('swiper-got', '1 touch');
  await phone.tap('list-down');
  await phone.shows('list-got', 'scrolltolower bottom');
});

on('pages scroll, reach their bottom, are pulled down and measured', 'scroll', async (phone, { page }) => {
  const { x, y, width } = await phone.window().boundingBox();
  await page.mouse.move(x + width / 2, y + 60);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + 240, { steps: 10 });
  await page.mouse.up();
  await phone.shows('pulled', '1');
  await phone.tap('start');
  await phone.shows('pulled', '2');
  await phone.tap('measure');
  await phone.shows('measured', '50 30 3');
  await phone.shows('viewport', 'true number');
  await phone.tap('bottom');
  await phone.shows('reached', '1');
  await phone.shows('top', /^[1-9]/);
});

on('the stack of pages has ten places, and WeChat\'s words for mistakes', 'stack', async (phone) => {
  for (let depth = 3; depth <= 10; depth += 1) {
    await phone.tap('deeper');
    await phone.shows('depth', String(depth));
  }
  await phone.tap('deeper');
  await phone.shows('said', 'navigateTo:fail webview count limit exceed');
  assert.equal(await phone.text('depth'), '10');
  assert.equal(await phone.text('query'), 'a%20b');
  await phone.tap('missing');
  await phone.shows('said', /^navigateTo:fail page .*is not found/);
  await phone.tap('not-text');
  await phone.shows('said', /^navigateTo:fail parameter error/);
  await phone.tap('tab');
  await phone.shows('said', /^switchTab:fail/);
  await phone.tap('replace');
  await phone.shows('query', 'replaced');
  await phone.shows('depth', '10');
  await phone.tap('alone');
  await phone.shows('depth', '1');
  await phone.tap('back');
  await phone.shows('said', 'navigateBack:fail cannot navigate back at first page');
  await phone.screen.getByRole('button', { name: '返回首页' }).click();
  await phone.at('index');
});
