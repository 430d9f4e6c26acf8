// One Chromium per test file; one fresh context, with its own storage, per test.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';

import { chromium } from 'playwright-core';

import { Phone } from './phone.mjs';
import { picture } from './pictures.mjs';
import { until } from './until.mjs';
import { World } from './world.mjs';

/** A slow machine may need long for one step, but not for ever. */
const STEP_MS = 15_000;
/** Beyond the longest test, which waits for an order to expire. */
const TEST_MS = 120_000;
/** The size of a phone that many people have, for the screen alone. */
const SCREEN = { width: 375, height: 812 };
const DESK = { width: 1440, height: 900 };

/**
 * A shop, a sandbox and a browser for all tests of one file.
 * @param {Parameters<typeof World.start>[0]} [options]
 */
export function shop(options) {
  const shared = { world: undefined, browser: undefined };
  before(async () => {
    // What did start is stopped afterwards, also when the other one did not.
    const starts = [
      World.start(options).then((world) => (shared.world = world)),
      launch().then((browser) => (shared.browser = browser)),
    ];
    const failed = (await Promise.allSettled(starts)).find(({ status }) => status === 'rejected');
    if (failed) throw failed.reason;
  });
  after(async () => {
    await shared.browser?.close();
    await shared.world?.stop();
  });
  return {
    /** A test on one phone's screen, without anything around it. */
    onScreen: (name, work, more) => register(shared, name, { view: SCREEN, work, ...more }),
    /** A test on the page with the device frame and the story. */
    onPage: (name, work, more) => register(shared, name, { view: DESK, work, ...more }),
  };
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || installed(),
    // Figures of a window that is hidden behind others would be those of a slowed one.
    args: ['--disable-background-timer-throttling', '--disable-renderer-backgrounding'],
  });
}

/** `cargo xtask test` names one; by hand, the distribution's own will do. */
function installed() {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = paths.find((path) => existsSync(path));
  if (!found) throw new Error('no Chromium: apt-get install chromium, or set CHROMIUM to its path');
  return found;
}

/**
 * @typedef {object} Stage What a test works with.
 * @property {import('node:test').TestContext} t
 * @property {World} world
 * @property {import('playwright-core').Page} page
 * @property {string} buyer Somebody who has never been here.
 * @property {typeof until} until
 * @property {(pattern: RegExp) => void} expectError Declares a message on the console.
 */

/** @param {{view: object, work: (stage: Stage) => Promise<void>, context?: object}} how */
function register(shared, name, how) {
  test(name, { timeout: TEST_MS }, async (t) => {
    const { world, browser } = shared;
    const context = await browser.newContext({
      viewport: how.view,
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      ...how.context,
    });
    context.setDefaultTimeout(STEP_MS);
    const page = await context.newPage();
    const errors = watch(page);
    try {
      const buyer = await world.newBuyer();
      await how.work({ t, world, page, buyer, until, expectError: errors.expect });
      errors.check();
    } catch (error) {
      await picture(page, `failed ${name}`).catch(() => {});
      throw explained(error, errors.seen, world);
    } finally {
      await context.close();
    }
  });
}

/** Everything that the browser's console calls an error, and every exception nobody caught. */
function watch(page) {
  const [seen, expected] = [[], []];
  page.on('console', (message) => {
    const { url, lineNumber } = message.location();
    if (message.type() === 'error') seen.push(`${message.text()} (${url}:${lineNumber})`);
  });
  page.on('pageerror', (error) => seen.push(error.stack ?? String(error)));
  return {
    seen,
    expect: (pattern) => expected.push(pattern),
    check() {
      const surprises = seen.filter((text) => !expected.some((pattern) => pattern.test(text)));
      if (surprises.length > 0) throw new Error(`on the console:\n${surprises.join('\n')}`);
    },
  };
}

function explained(error, consoleErrors, world) {
  const notes = [
    ['on the console', consoleErrors.join('\n')],
    ['the server wrote', tail(world.server.log)],
    ['the sandbox wrote', tail(world.sandbox.log)],
  ];
  const told = notes.filter(([, text]) => text).map(([what, text]) => `\n--- ${what}:\n${text}`);
  // Playwright colours its messages for a terminal, and repeats them in the stack.
  const message = `${error.message}${told.join('')}`.replaceAll(/\x1b\[\d+m/g, '');
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ +at .*\/tests\//.test(line));
  const better = new Error(message);
  better.stack = `${message}\n${frames.join('\n')}`;
  return better;
}

function tail(log) {
  return log.split('\n').slice(-10).join('\n').trim();
}

/** Opens the shop's mini program on a screen of its own. */
export async function openScreen({ page, world, buyer }) {
  await page.goto(world.url(`/phone/screen?user=${buyer}`));
  return new Phone(page);
}

/** Opens the page with the device frame; the phone of `demo` is there from the start. */
export async function openPage({ page, world }) {
  await page.goto(world.url('/phone/'));
  return phoneOf(page, 'demo');
}

/** The phone of one buyer on that page. */
export function phoneOf(page, user) {
  return new Phone(page.frameLocator(`iframe[data-user="${user}"]`), page);
}
