/** Starts one phone's screen. */

import { app } from './app.js';
import { navigatorUses } from './builtins/navigator.js';
import { chrome } from './chrome.js';
import { device } from './device.js';
import { report, watch } from './errors.js';
import { makePrintable } from './events.js';
import { asked, listen, tellFrame } from './frame.js';
import { watchGestures } from './gestures.js';
import { loadCode, remember, start } from './launch.js';
import { openMenu } from './overlay/menu.js';
import { watchConsole } from './console.js';
import { showBootFailure, showIssues, watchScriptErrors } from './problems.js';
import { acceptBundle, program } from './registry.js';
import { Router } from './router.js';
import { Space, onFrameworkError } from './space.js';
import { install } from './stylesheet.js';
import { tabBar } from './tabs/bar.js';
import { tabs } from './tabs/tabs.js';
import { appTheme, followTheme, themeChanges } from './theme.js';
import { makeWx } from './wx/index.js';

const BUNDLE = '/phone/app/bundle.js';
/** @type {Router | null} none while nothing runs */
let running = null;

async function boot() {
  const paint = followTheme();
  watchConsole();
  watch();
  watchScriptErrors();
  listen();
  watchReload();
  const [css, host] = await Promise.all([text('/phone/app/app.css'), text('/phone/api/host'), script(BUNDLE)]);
  device.host = JSON.parse(host);
  if (!program.description) {
    // The bundle does not parse; where, is said by whoever watches errors.
    showIssues(JSON.parse(await text('/phone/app/issues.json')));
    return;
  }
  paint();
  install(css, appTheme());
  await introduce();
  showIssues(program.description.issues);
  run();
}

function run() {
  makePrintable();
  onFrameworkError(report);
  const pages = document.getElementById('pages');
  watchGestures(pages);
  tabs.read();
  const { style = '' } = program.description.app;
  for (const place of [pages, document.getElementById('leaving')]) place.dataset.style = style;
  const space = new Space();
  const router = new Router(space, pages);
  running = router;
  const wx = makeWx(router);
  navigatorUses(wx);
  draw(router, wx);
  app.follow();
  const failures = loadCode(space, globals(wx, router));
  failures.forEach(report);
  start(router);
  live(router);
  mark();
  tellFrame('ready');
}

/** A phone that is opened for a new name gets a new person at the platform. */
async function introduce() {
  if (device.host.users.some(({ user }) => user === device.user)) return;
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ name: device.user });
  const answer = await fetch('/control/users', { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`/control/users: ${answer.status}`);
}

function globals(wx, router) {
  return {
    App: (definition) => app.define(definition),
    getApp: () => app.instance ?? undefined,
    getCurrentPages: () => router.stack.map((page) => page.instance),
    wx,
    // Libraries keep things here; it is theirs alone, and leads nowhere.
    global: {},
  };
}

function draw(router, wx) {
  const redraw = chrome(document.getElementById('chrome'), router, {
    back: () => wx.navigateBack({ delta: 1, fail: () => {} }),
    home: () => wx.reLaunch({ url: `/${router.home}` }),
    menu: () => openMenu(),
  });
  const redrawTabs = tabBar(document.getElementById('tab-bar'), router, (index) => router.tapTab(index));
  themeChanges.on(redraw);
  themeChanges.on(redrawTabs);
}

function live(router) {
  asked.hide.on(() => {
    if (app.hide()) router.top?.hide();
  });
  asked.show.on(() => {
    if (app.show()) router.top?.show();
  });
}

/** From the beginning: what does not even start is reloaded most of all. */
function watchReload() {
  asked.reload.on(() => {
    if (running) remember(running);
    location.reload();
  });
}

/** For whoever measures: the first page is there, and the browser has had its turn to paint it. */
function mark() {
  requestAnimationFrame(() => setTimeout(() => performance.mark('screen:first-paint-ready'), 0));
}

async function text(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.text();
}

/** Resolves also when the script does not parse; then there is no description. */
function script(address) {
  return new Promise((resolve, reject) => {
    const node = document.createElement('script');
    node.src = address;
    node.onload = resolve;
    node.onerror = () => reject(new Error(`${address}: not loaded`));
    document.head.append(node);
  });
}

acceptBundle();
boot().catch((error) => {
  console.error(error);
  showBootFailure(error);
});
