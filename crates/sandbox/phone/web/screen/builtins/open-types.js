/** `<button open-type>`: what WeChat asks or opens. Whatever this phone cannot do, it says. */

import { showToast } from '../overlay/toast.js';
import { choose } from '../words.js';
import { NOBODY, nobody } from '../wx/profile.js';

const REFUSED = 'fail not supported on the virtual phone';

/** Event and detail for each type that answers with one. */
export const ANSWERS = {
  getUserInfo: () => ['getuserinfo', { ...nobody(), errMsg: 'getUserInfo:ok' }],
  chooseAvatar: () => ['chooseavatar', { avatarUrl: NOBODY }],
  openSetting: () => ['opensetting', { authSetting: {}, errMsg: 'openSetting:ok' }],
  agreePrivacyAuthorization: () => ['agreeprivacyauthorization', { errMsg: 'agreePrivacyAuthorization:ok' }],
};

/** They need WeChat itself: numbers of phones, friends, people who answer. */
const REFUSALS = {
  getPhoneNumber: ['getphonenumber', '手机号', 'phone numbers'],
  getRealtimePhoneNumber: ['getrealtimephonenumber', '手机号', 'phone numbers'],
  contact: ['contact', '客服会话', 'customer service'],
  launchApp: ['error', '打开 App', 'opening apps'],
  share: [null, '转发', 'sharing'],
  feedback: [null, '意见反馈', 'feedback'],
};

/** @param {any} button @param {string} type */
export function openFor(button, type) {
  if (Object.hasOwn(ANSWERS, type)) {
    button.triggerEvent(...ANSWERS[type]());
    return;
  }
  console.warn(`<button open-type="${type}">: not supported on the virtual phone`);
  const [event, zh, en] = REFUSALS[type] ?? [null, type, type];
  showToast({ title: choose(`虚拟手机不支持${zh}`, `No ${en} on this phone`), icon: 'none' });
  if (event) button.triggerEvent(event, { errMsg: `${type}:${REFUSED}` });
}
