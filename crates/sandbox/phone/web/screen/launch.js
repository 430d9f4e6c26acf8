/** From a loaded bundle to the first page. */

import { app } from './app.js';
import { device } from './device.js';
import { Modules } from './modules.js';
import { program } from './registry.js';

/** Where a reload finds the page that was on top. */
const RETURN_KEY = 'shouyin.phone.return';

/** Runs the code of the mini program: the app first, then components, then pages, as a phone does. */
export function loadCode(space, globals) {
  const modules = new Modules({ ...globals, ...space.constructors });
  space.describe();
  const failures = [];
  const attempt = (load) => {
    try {
      load();
    } catch (error) {
      failures.push(error);
    }
  };
  if (modules.has('app.js')) attempt(() => modules.load('app.js'));
  const { pages, components } = program.description;
  const isLate = lateness();
  for (const path of [...Object.keys(components).filter((one) => !Object.hasOwn(pages, one)), ...Object.keys(pages)]) {
    if (isLate(path)) space.later(path, modules);
    else attempt(() => space.load(path, modules));
  }
  return failures;
}

/** Sub-packages run when one of their pages is opened; with `lazyCodeLoading` all pages do.
 * Source: developers.weixin.qq.com/miniprogram/dev/framework/ability/lazyload.html */
function lateness() {
  const { subPackages = [], subpackages = [], lazyCodeLoading } = program.description.app;
  if (lazyCodeLoading === 'requiredComponents') return () => true;
  const roots = [...subPackages, ...subpackages].map(({ root = '' }) => `${root.replace(/^\/|\/$/g, '')}/`);
  return (path) => roots.some((root) => path.startsWith(root));
}

/** @param {import('./router.js').Router} router */
export function start(router) {
  const { route, query } = remembered() ?? { route: router.home, query: {} };
  app.launch(route, query);
  if (router.stack.length > 0) return;
  if (router.exists(route)) router.start(route, query);
  else if (!app.pageNotFound(route, query)) router.start(router.home, {});
}

/** Before a reload: the page on top, so that whoever edits it sees it again. */
export function remember({ top }) {
  if (!top) return;
  const { route, query } = top;
  sessionStorage.setItem(`${RETURN_KEY}:${device.user}`, JSON.stringify({ route, query }));
}

function remembered() {
  const key = `${RETURN_KEY}:${device.user}`;
  const kept = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  const place = kept && JSON.parse(kept);
  return place && Object.hasOwn(program.description.pages, place.route) ? place : null;
}
