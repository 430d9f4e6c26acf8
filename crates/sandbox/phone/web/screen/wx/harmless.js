/** Calls whose whole effect lies outside of what this phone shows: they succeed, as on a phone, and do nothing. */

import { callable } from './call.js';

const CALLS = [
  'hideShareMenu', 'setKeepScreenOn', 'setVisualEffectOnCapture', 'showShareMenu', 'updateShareMenu', 'setEnableDebug',
];
const REPORTS = [
  'preloadSkylineView', 'preloadWebview', 'reportAnalytics', 'reportEvent', 'reportMonitor', 'reportPerformance',
];

export function harmless() {
  return {
    ...Object.fromEntries(CALLS.map((name) => [name, callable(name, () => {})])),
    ...Object.fromEntries(REPORTS.map((name) => [name, () => {}])),
    hideKeyboard: callable('hideKeyboard', () => document.activeElement?.blur()),
    // A third-party platform gives these; a mini program of one's own has none.
    getExtConfigSync: () => ({}),
    getExtConfig: callable('getExtConfig', () => ({ extConfig: {} })),
  };
}
