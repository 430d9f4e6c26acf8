// The conformance mini program on a screen, and looking at its facts. What must be seen is in
// tests/conformance/README.md.

import assert from 'node:assert/strict';
import { join } from 'node:path';

import { openScreen, shop } from './browser.mjs';
import { until } from './until.mjs';
import { ROOT } from './world.mjs';

/** A test for each page: it is opened from the first page, as on a phone. */
export function lab() {
  const { onScreen } = shop({ miniProgram: join(ROOT, 'tests/conformance') });
  return (name, page, work) => {
    const play = async (stage) => {
      const opened = new Lab((await openScreen(stage)).screen);
      if (page !== 'index') await opened.go(page);
      await work(opened, stage);
    };
    // A raw mouse does not wait for a page to have slid in.
    onScreen(name, play, { context: { reducedMotion: 'reduce' } });
  };
}

export class Lab {
  constructor(screen) {
    this.screen = screen;
    this.top = screen.locator('#pages page.top');
    this.problems = screen.locator('#problems');
  }

  async go(name) {
    await this.tap(`to-${name}`);
    await this.at(name);
  }

  async at(name) {
    await this.screen.locator(`#pages page.top[data-route="pages/${name}/index"]`).waitFor();
  }

  /** What the page on top scrolls in: the screen without its bar. */
  window() {
    return this.top.locator('xpath=..');
  }

  find(selector) {
    return this.top.locator(selector);
  }

  async tap(...ids) {
    for (const id of ids) await this.find(`#${id}`).click();
  }

  async back() {
    await this.screen.getByRole('button', { name: '返回', exact: true }).click();
  }

  async text(id) {
    return (await this.find(`#${id}`).textContent({ timeout: 1_000 }))?.trim();
  }

  /** Waits until a fact is as it should be. */
  async shows(id, expected) {
    let seen;
    const fits = async () => {
      seen = await this.text(id).catch(() => undefined);
      return expected instanceof RegExp ? expected.test(seen) : seen === expected;
    };
    await until('', fits, 5_000).catch(() => assert.fail(`#${id} shows "${seen}", not "${expected}"`));
  }

  /** Waits for the verdicts of a page that judges itself. */
  async judges() {
    await this.shows('sum', /done$/);
    const bad = await this.find('.bad').allTextContents();
    assert.deepEqual(bad, []);
    assert.match(await this.text('sum'), /^[1-9]\d* ok, 0 bad, done$/);
  }

  /** A computed style of the first element that fits. */
  style(selector, name) {
    return this.find(selector).first().evaluate((node, property) => getComputedStyle(node)[property], name);
  }

  box(selector) {
    return this.find(selector).first().boundingBox();
  }
}
