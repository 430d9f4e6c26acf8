/** The mini program as a whole: how it was opened, and what it listens to. */

import { app, appSignals } from '../app.js';
import { themeChanges } from '../theme.js';

/** Name after `on` and `off`, and where it comes from. */
const LISTENED = {
  AppShow: appSignals.show,
  AppHide: appSignals.hide,
  Error: appSignals.error,
  UnhandledRejection: appSignals.rejection,
  PageNotFound: appSignals.missing,
  ThemeChange: themeChanges,
};

export function lifecycle() {
  const pairs = Object.entries(LISTENED).flatMap(([name, signal]) => [
    [`on${name}`, (listener) => signal.on(listener)],
    [`off${name}`, (listener) => signal.off(listener)],
  ]);
  return {
    ...Object.fromEntries(pairs),
    getLaunchOptionsSync: () => ({ ...app.launchOptions }),
    getEnterOptionsSync: () => ({ ...app.enterOptions }),
  };
}
