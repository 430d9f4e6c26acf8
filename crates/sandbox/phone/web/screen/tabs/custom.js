/** `"custom": true`: the mini program's own component stands on each page of a tab. */

import { el } from '../dom.js';
import { program } from '../registry.js';
import { tabs } from './tabs.js';

const PATH = 'custom-tab-bar/index';

/** @param {import('../page.js').Page} page @param {import('../space.js').Space} space */
export function equipWithBar(page, space) {
  if (!tabs.custom || !tabs.has(page.route) || !program.description.components[PATH]) return null;
  const placeholder = el('div');
  const place = el('div', { class: 'phone-own-tabs' }, placeholder);
  page.window.append(place);
  const root = space.createPart('custom-tab-bar', PATH);
  root.attach(place, placeholder);
  const bar = root.get();
  page.instance.getTabBar = () => bar;
  return root;
}
