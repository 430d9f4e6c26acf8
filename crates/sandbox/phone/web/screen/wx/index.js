/** `wx`. */

import { account } from './account.js';
import { helpers } from './helpers.js';
import { interaction } from './interaction.js';
import { lifecycle } from './lifecycle.js';
import { navigation } from './navigation.js';
import { navigationBar } from './navigation-bar.js';
import { network } from './network.js';
import { payment } from './payment.js';
import { request } from './request.js';
import { selectorQuery } from './selector-query.js';
import { storage } from './storage.js';
import { system } from './system.js';
import { unsupported } from './unsupported.js';

/** @param {import('../router.js').Router} router */
export function makeWx(router) {
  const wx = {
    ...account(), ...helpers(), ...interaction(), ...lifecycle(), ...navigation(router), ...navigationBar(router),
    ...network(), ...payment(), ...request(), ...selectorQuery(router), ...storage(), ...system(router),
  };
  const supported = new Set(Object.keys(wx));
  wx.canIUse = (schema) => supported.has(String(schema).split('.')[0]) || schema === 'canIUse';
  return Object.assign(unsupported(supported), wx);
}
