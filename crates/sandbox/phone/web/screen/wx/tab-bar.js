/** `wx.switchTab` is in navigation.js; here is what changes the bar. */

import { tabs } from '../tabs/tabs.js';
import { callable, expect, Refusal } from './call.js';

/** Source: developers.weixin.qq.com/miniprogram/dev/api/ui/tab-bar/wx.setTabBarBadge.html */
const MAX_BADGE = 4;
const ITEM = ['text', 'iconPath', 'selectedIconPath'];
const STYLE = ['color', 'selectedColor', 'backgroundColor', 'borderStyle'];

/** @param {import('../router.js').Router} router */
export function tabBar(router) {
  const change = (name, act) => callable(name, (options) => {
    if (!tabs.has(router.top?.route)) throw new Refusal('not TabBar page');
    act(options);
  });
  const item = (name, changes) => change(name, (options) => {
    const index = expect(options, 'index', 'Number');
    if (!tabs.items[index]) throw new Refusal('tabbar item not found');
    tabs.setItem(index, changes(options));
  });
  return {
    showTabBar: change('showTabBar', () => tabs.setHidden(false)),
    hideTabBar: change('hideTabBar', () => tabs.setHidden(true)),
    setTabBarStyle: change('setTabBarStyle', (options) => tabs.setStyle(given(options, STYLE))),
    setTabBarItem: item('setTabBarItem', (options) => given(options, ITEM)),
    setTabBarBadge: item('setTabBarBadge', (options) => (
      { badge: short(expect(options, 'text', 'String')), dot: false })),
    removeTabBarBadge: item('removeTabBarBadge', () => ({ badge: '' })),
    showTabBarRedDot: item('showTabBarRedDot', () => ({ badge: '', dot: true })),
    hideTabBarRedDot: item('hideTabBarRedDot', () => ({ dot: false })),
  };
}

function given(options, names) {
  const written = names.filter((name) => typeof options[name] === 'string');
  return Object.fromEntries(written.map((name) => [name, options[name]]));
}

/** What is longer ends in dots. */
function short(text) {
  return text.length > MAX_BADGE ? `${text.slice(0, MAX_BADGE - 1)}…` : text;
}
