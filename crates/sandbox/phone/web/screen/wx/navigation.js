/** From page to page. */

import { callable, expect, Refusal } from './call.js';

/** @param {import('../router.js').Router} router */
export function navigation(router) {
  const go = (name, act) => callable(name, (options) => {
    const url = expect(options, 'url', 'String');
    return refused(() => act(url, options));
  });
  return {
    navigateTo: go('navigateTo', (url, { events }) => ({ eventChannel: router.navigateTo(url, events) })),
    redirectTo: go('redirectTo', (url) => router.redirectTo(url)),
    reLaunch: go('reLaunch', (url) => router.reLaunch(url)),
    switchTab: go('switchTab', () => {
      // No tab bar on this phone, so no page is one of it.
      throw new Error('can not switch to no-tabBar page');
    }),
    navigateBack: callable('navigateBack', ({ delta = 1 }) => refused(() => router.navigateBack(delta))),
  };
}

function refused(act) {
  try {
    return act();
  } catch (error) {
    throw new Refusal(error.message);
  }
}
