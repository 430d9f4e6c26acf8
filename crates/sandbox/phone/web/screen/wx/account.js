/** Who the buyer is: `wx.login`, `wx.checkSession`. */

import { device } from '../device.js';
import { callable, Refusal } from './call.js';
import { post } from './sandbox.js';
import { hasSession, keepSession } from './store.js';

export function account() {
  return {
    login: callable('login', async () => {
      const { appid, user } = { appid: device.host.appid, user: device.user };
      const { code } = await post('/control/login', { appid, user });
      keepSession();
      return { code };
    }),
    checkSession: callable('checkSession', () => {
      // Says something about the phone's side only: whether somebody logged in here.
      if (!hasSession()) throw new Refusal('session time out, need relogin');
    }),
    getAccountInfoSync: () => ({ miniProgram: { appId: device.host.appid, envVersion: 'develop', version: '' } }),
  };
}

