/** The bar above a page, its background, and pulling it down. */

import { callable, expect, Refusal } from './call.js';

const STILL = matchMedia('(prefers-reduced-motion: reduce)');

/** @param {import('../router.js').Router} router */
export function navigationBar(router) {
  const change = (name, act) => callable(name, (options) => {
    if (!router.top) throw new Refusal('page not found');
    act(router.top, options);
    router.refresh();
  });
  const set = (overrides) => (page, options) => Object.assign(page.overrides, overrides(options));
  return {
    setNavigationBarTitle: change('setNavigationBarTitle', set((options) => (
      { navigationBarTitleText: expect(options, 'title', 'String') }))),
    setNavigationBarColor: change('setNavigationBarColor', set((options) => ({
      navigationBarTextStyle: /^#0{6}$/.test(expect(options, 'frontColor', 'String')) ? 'black' : 'white',
      navigationBarBackgroundColor: expect(options, 'backgroundColor', 'String'),
    }))),
    setBackgroundColor: change('setBackgroundColor', set(({ backgroundColor }) => ({ backgroundColor }))),
    setBackgroundTextStyle: change('setBackgroundTextStyle', set(({ textStyle }) => (
      { backgroundTextStyle: textStyle }))),
    showNavigationBarLoading: change('showNavigationBarLoading', (page) => {
      page.navLoading = true;
    }),
    hideNavigationBarLoading: change('hideNavigationBarLoading', (page) => {
      page.navLoading = false;
    }),
    hideHomeButton: change('hideHomeButton', () => {}),
    startPullDownRefresh: callable('startPullDownRefresh', () => router.top?.pull?.refresh()),
    stopPullDownRefresh: callable('stopPullDownRefresh', () => {
      for (const page of router.stack) page.pull?.stop();
    }),
    pageScrollTo: callable('pageScrollTo', (options) => scrollTo(router.top, options)),
  };
}

function scrollTo(page, { scrollTop, selector, duration = 300, offsetTop = 0 }) {
  const { scroll, element } = page;
  const target = selector ? element.querySelector(selector) : null;
  if (selector && !target) throw new Refusal('selector not found');
  const top = target
    ? target.getBoundingClientRect().top - scroll.getBoundingClientRect().top + scroll.scrollTop + offsetTop
    : Number(scrollTop);
  scroll.scrollTo({ top, behavior: duration > 0 && !STILL.matches ? 'smooth' : 'instant' });
}
