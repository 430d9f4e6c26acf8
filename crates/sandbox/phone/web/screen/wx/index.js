/** `wx`. */

import { account } from './account.js';
import { canIUse } from './can-i-use.js';
import { harmless } from './harmless.js';
import { helpers } from './helpers.js';
import { interaction } from './interaction.js';
import { lifecycle } from './lifecycle.js';
import { navigation } from './navigation.js';
import { navigationBar } from './navigation-bar.js';
import { network } from './network.js';
import { payment } from './payment.js';
import { profile } from './profile.js';
import { request } from './request.js';
import { selectorQuery } from './selector-query.js';
import { storage } from './storage.js';
import { system } from './system.js';
import { tabBar } from './tab-bar.js';
import { unsupported } from './unsupported.js';

/** @param {import('../router.js').Router} router */
export function makeWx(router) {
  const wx = {
    ...account(), ...helpers(), ...interaction(), ...lifecycle(), ...navigation(router), ...navigationBar(router),
    ...network(), ...payment(), ...request(), ...selectorQuery(router), ...storage(), ...system(router),
    ...tabBar(router), ...profile(), ...harmless(),
  };
  const supported = new Set(Object.keys(wx));
  wx.canIUse = canIUse(supported);
  return Object.assign(unsupported(supported), wx);
}
