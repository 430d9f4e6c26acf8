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
    switchTab: go('switchTab', (url) => router.switchTab(url)),
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
