/** The bar with the tabs, below or above a page that is one of them. */

import { button, el } from '../dom.js';
import { guarded } from '../errors.js';
import { imageAddress } from '../paths.js';
import { resolved } from '../theme.js';
import { tabs } from './tabs.js';

/** WeChat's own; documented nowhere but in what its pages look like. */
const COLOUR = '#999999';
const SELECTED = '#1aad19';

/**
 * @param {HTMLElement} place
 * @param {import('../router.js').Router} router
 * @param {(index: number) => void} choose
 */
export function tabBar(place, router, choose) {
  const draw = () => show(place, router, choose);
  router.changes.on(draw);
  tabs.changes.on(() => router.top && router.refresh());
  return draw;
}

/** Whether a page of this route has a bar of ours now. */
export function hasBar(route) {
  return tabs.has(route) && !tabs.custom && !tabs.hidden;
}

/** A tap on a tab: the page is told, also when it is on top already. */
export function tellTap(page, index) {
  const { pagePath, text = '' } = tabs.items[index];
  if (page?.route === pagePath) guarded(() => page.call('onTabItemTap', { index, pagePath, text }));
}

function show(place, router, choose) {
  const { top } = router;
  if (!top) return;
  const seen = hasBar(top.route);
  place.hidden = !seen;
  if (!seen) return;
  const { backgroundColor = '#ffffff', borderStyle = 'black', ...colours } = resolved(tabs.style);
  place.className = `${tabs.position} ${borderStyle}`;
  place.style.setProperty('--tab-ground', backgroundColor);
  place.replaceChildren(...tabs.items.map((item, index) => tab(item, {
    chosen: item.pagePath === top.route, colours, choose: () => choose(index),
  })));
}

function tab(item, { chosen, colours, choose }) {
  const { text = '', iconPath, selectedIconPath, badge, dot } = resolved(item);
  const picture = chosen ? selectedIconPath || iconPath : iconPath;
  const colour = chosen ? colours.selectedColor ?? SELECTED : colours.color ?? COLOUR;
  const node = button({ class: 'tab', onclick: choose, 'aria-current': chosen ? 'page' : null },
    el('span', { class: 'tab-picture' },
      // At the top there are words only. Source: as in tabs.js
      picture && tabs.position === 'bottom' && el('img', { src: imageAddress(picture, ''), alt: '' }),
      badge ? el('i', { class: 'tab-badge' }, badge) : dot && el('i', { class: 'tab-dot' })),
    el('span', { class: 'tab-text' }, text));
  node.style.setProperty('--tab-colour', colour);
  return node;
}
