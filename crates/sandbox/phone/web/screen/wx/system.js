/** What the phone is. */

import { METRICS } from '../chrome.js';
import { device } from '../device.js';
import { hasBar } from '../tabs/bar.js';
import { tabs } from '../tabs/tabs.js';
import { appTheme, wantsDarkMode } from '../theme.js';
import { callable } from './call.js';

/** The newest base library whose behaviour was looked at. */
const SDK_VERSION = '3.8.12';
const CLIENT_VERSION = '8.0.60';

/** @param {import('../router.js').Router} router */
export function system(router) {
  const windowInfo = () => windowInfoOf(router.top);
  const all = () => ({ ...deviceInfo(), ...appBaseInfo(), ...windowInfo(), ...settings() });
  return {
    getSystemInfoSync: all,
    getSystemInfo: callable('getSystemInfo', all),
    getSystemInfoAsync: callable('getSystemInfoAsync', all),
    getWindowInfo: windowInfo,
    getDeviceInfo: deviceInfo,
    getAppBaseInfo: appBaseInfo,
    getSystemSetting: settings,
    getMenuButtonBoundingClientRect: capsule,
  };
}

function deviceInfo() {
  return {
    brand: 'Shouyin', model: 'Virtual Phone', system: 'Shouyin 1.0', platform: 'devtools',
    abi: '', benchmarkLevel: -1, cpuType: '', memorySize: '',
  };
}

function appBaseInfo() {
  const theme = wantsDarkMode() ? { theme: appTheme() } : {};
  return {
    SDKVersion: SDK_VERSION, version: CLIENT_VERSION, enableDebug: false, fontSizeSetting: 16,
    host: { env: 'WeChat' }, language: device.language === 'zh' ? 'zh_CN' : 'en', ...theme,
  };
}

function windowInfoOf(top) {
  const { innerWidth: width, innerHeight: height } = window;
  const { statusBarHeight, navBarHeight, homeBarHeight } = METRICS;
  const bar = top && hasBar(top.route) ? METRICS.tabBarHeight[tabs.position] : 0;
  const above = top?.settings.navigationStyle === 'custom' ? 0 : statusBarHeight + navBarHeight;
  return {
    pixelRatio: window.devicePixelRatio,
    screenWidth: width, screenHeight: height, windowWidth: width, windowHeight: height - above - bar,
    statusBarHeight, screenTop: above,
    safeArea: {
      left: 0, right: width, top: statusBarHeight, bottom: height - homeBarHeight,
      width, height: height - statusBarHeight - homeBarHeight,
    },
  };
}

function settings() {
  return { bluetoothEnabled: false, locationEnabled: false, wifiEnabled: true, deviceOrientation: 'portrait' };
}

function capsule() {
  const { width, height, top, right } = METRICS.capsule;
  const edge = window.innerWidth - right;
  return { width, height, top, right: edge, bottom: top + height, left: edge - width };
}
