/** What a mini program learns about the buyer: nothing, as from WeChat since 2022, and with an answer all the same. */

import { showModal } from '../overlay/modal.js';
import { choose } from '../words.js';
import { callable, expect, Refusal } from './call.js';

/** A grey person on a square of grey, in place of WeChat's picture of nobody. */
export const NOBODY = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 132 132"><path fill="#dcdcdc" d="M0 0h132v132H0z"/>'
  + '<path fill="#fff" d="M66 30a22 22 0 1 0 0 44 22 22 0 0 0 0-44M24 116c0-24 18-36 42-36s42 12 42 36z"/></svg>',
)}`;

/** Source: developers.weixin.qq.com/miniprogram/dev/api/open-api/address/wx.chooseAddress.html */
const ADDRESS = Object.freeze({
  userName: '收银测试', postalCode: '510000', provinceName: '广东省', cityName: '广州市', countyName: '海珠区',
  streetName: '', detailInfo: '新港中路 397 号', detailInfoNew: '新港中路 397 号', nationalCode: '510105',
  telNumber: '020-00000000',
});

/** Nobody's name. What WeChat would seal and sign is empty: this phone has no session key. */
export function nobody() {
  const userInfo = {
    nickName: '微信用户', avatarUrl: NOBODY, gender: 0, country: '', province: '', city: '', language: '',
  };
  return { userInfo, rawData: JSON.stringify(userInfo), signature: '', encryptedData: '', iv: '', cloudID: '' };
}

export function profile() {
  const settings = () => ({ authSetting: {}, subscriptionsSetting: { mainSwitch: true, itemSettings: {} } });
  return {
    getUserInfo: callable('getUserInfo', nobody),
    getUserProfile: callable('getUserProfile', (options) => {
      expect(options, 'desc', 'String');
      return nobody();
    }),
    getSetting: callable('getSetting', settings),
    openSetting: callable('openSetting', settings),
    getPrivacySetting: callable('getPrivacySetting', () => ({ needAuthorization: false, privacyContractName: '' })),
    requirePrivacyAuthorize: callable('requirePrivacyAuthorize', () => {}),
    chooseAddress: callable('chooseAddress', chooseAddress),
    requestSubscribeMessage: callable('requestSubscribeMessage', subscribe),
    makePhoneCall: callable('makePhoneCall', call),
  };
}

async function chooseAddress() {
  const { userName, telNumber, provinceName, cityName, countyName, detailInfo } = ADDRESS;
  const { confirm } = await showModal({
    title: choose('收货地址', 'Delivery address'),
    content: `${userName} ${telNumber}\n${provinceName}${cityName}${countyName}${detailInfo}`,
    confirmText: choose('使用', 'Use'),
  });
  if (!confirm) throw new Refusal('cancel');
  return { ...ADDRESS };
}

/** One question for all templates; who says yes gets no message here, since nobody sends any. */
async function subscribe(options) {
  const ids = expect(options, 'tmplIds', 'Array');
  const question = choose('允许小程序发送消息吗？', 'May the mini program send messages?');
  const { confirm } = await showModal({
    title: choose('订阅消息', 'Messages'),
    content: [question, ...ids].join('\n'),
    confirmText: choose('允许', 'Allow'),
  });
  return Object.fromEntries(ids.map((id) => [id, confirm ? 'accept' : 'reject']));
}

/** Nobody is called. */
async function call(options) {
  const { confirm } = await showModal({
    content: expect(options, 'phoneNumber', 'String'), confirmText: choose('呼叫', 'Call'),
  });
  if (!confirm) throw new Refusal('cancel');
}
