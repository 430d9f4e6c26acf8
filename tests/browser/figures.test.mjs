// Figures for people. Nothing about them is asserted: they are those of this machine.

import { openPage, openScreen, shop } from './harness/browser.mjs';

const { onScreen, onPage } = shop();

onScreen('how soon the screen is painted, and what it loads', async (stage) => {
  for (const visit of ['first visit', 'again']) {
    const phone = await openScreen(stage);
    await phone.sees('明前龙井');
    report(stage, `screen, ${visit}`, await stage.page.evaluate(loaded));
  }
});

onPage('how soon the page is painted, and what it loads', async (stage) => {
  const phone = await openPage(stage);
  await phone.sees('明前龙井');
  report(stage, 'page around the screen', await stage.page.evaluate(loaded));
});

onScreen('how long it takes from the tap on pay to the sheet', async (stage) => {
  const times = [];
  for (let round = 0; round < 5; round += 1) {
    const phone = await openScreen(stage);
    await phone.choose('茉莉花茶');
    await stage.page.evaluate(rememberTaps);
    await phone.tap('去付款');
    await phone.sheet.waitFor();
    times.push(await stage.page.evaluate(sinceTap));
    await phone.leaveCashier();
    await phone.sees('订单还未支付');
  }
  const sorted = times.map(Math.round).sort((a, b) => a - b);
  stage.t.diagnostic(`from the tap on 去付款 to the sheet: ${sorted.join(', ')} ms`);
});

function report({ t }, what, { paint, goods, bytes, files }) {
  const kilobytes = (bytes / 1024).toFixed(0);
  t.diagnostic(`${what}: first paint ${paint} ms, goods ${goods} ms, ${files} files, ${kilobytes} KB`);
}

/** Runs in the browser. */
function loaded() {
  const entries = performance.getEntriesByType('resource');
  const all = [...performance.getEntriesByType('navigation'), ...entries];
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  return {
    paint: Math.round(paint?.startTime ?? NaN),
    goods: Math.round(performance.now()),
    bytes: all.reduce((sum, entry) => sum + entry.transferSize, 0),
    files: all.length,
  };
}

/** Runs in the browser. */
function rememberTaps() {
  const remember = () => performance.mark('tap');
  addEventListener('pointerup', remember, { capture: true });
}

/** Runs in the browser: the screen marks the moment at which it shows the sheet. */
function sinceTap() {
  const last = (name) => performance.getEntriesByName(name).at(-1).startTime;
  return last('sheet:open') - last('tap');
}
