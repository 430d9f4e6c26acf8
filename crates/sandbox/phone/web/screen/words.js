/** What the phone itself says, as opposed to the mini program on it. */

import { device } from './device.js';

const WORDS = {
  confirm: ['确定', 'OK'],
  cancel: ['取消', 'Cancel'],
  done: ['完成', 'Done'],
  close: ['关闭', 'Close'],
  back: ['返回', 'Back'],
  home: ['返回首页', 'Home'],
  menu: ['菜单', 'Menu'],
  exit: ['退出小程序', 'Leave the mini program'],
  restart: ['重新进入小程序', 'Start the mini program anew'],
  forget: ['清除本用户的缓存', 'Clear the storage of this buyer'],
  statusBar: ['手机状态', 'Phone status'],
  offline: ['无网络', 'No network'],
  slow: ['网络慢', 'Slow network'],
  loading: ['加载中', 'Loading'],

  payTitle: ['支付', 'Pay'],
  payMethod: ['付款方式', 'Pay with'],
  balance: ['零钱', 'Balance'],
  balanceHolds: ['零钱（余额 ¥{amount}）', 'Balance (¥{amount} left)'],
  goods: ['商品', 'For'],
  payNow: ['立即支付', 'Pay now'],
  passwordTitle: ['请输入支付密码', 'Enter the payment password'],
  passwordHint: ['沙箱里的密码都是 123456', 'In the sandbox it is always 123456'],
  passwordDots: ['已输入 {n} 位，共 6 位', '{n} of 6 digits entered'],
  keypad: ['数字键盘', 'Keypad'],
  backspace: ['删除', 'Delete'],
  paying: ['正在支付…', 'Paying…'],
  paid: ['支付成功', 'Payment successful'],
  noNetwork: ['网络不可用，请检查网络后重试', 'No network; check it and try again'],
  notUnderstood: ['收银台没有回答，请重试', 'The cashier did not answer; try again'],
  payRefused: ['收银台没有打开', 'The cashier did not open'],

  scriptError: ['脚本错误', 'Script error'],
  compileError: ['编译问题', 'Compile issue'],
  moreProblems: ['还有 {n} 个', '{n} more'],
  pageMissing: ['页面不存在', 'No such page'],
  bootFailed: ['手机启动失败', 'The phone did not start'],
  bootFailedWhy: [
    '没有取到小程序或运行时；请看沙箱的输出，改好后刷新。',
    'The mini program or the runtime could not be fetched; see what the sandbox says, then reload.',
  ],
};

/**
 * @param {keyof typeof WORDS} key
 * @param {Record<string, string | number>} [values] for the `{name}`s in it
 */
export function word(key, values = {}) {
  const [zh, en] = WORDS[key];
  const text = device.language === 'zh' ? zh : en;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
}

/** One of two texts that the sandbox or the compiler wrote. */
export function choose(zh, en) {
  return (device.language === 'zh' ? zh : en) || zh || en || '';
}
