/** The theme as the mini program sees it, and the `@names` of theme.json. */

import { onDevice, shownTheme } from './device.js';
import { program } from './registry.js';
import { Signal } from './signal.js';
import { applyTheme } from './stylesheet.js';

/** Told when the mini program's theme changes; only if it wants dark mode. */
export const themeChanges = new Signal();

/** Without `darkmode` in app.json a phone shows a mini program light at all times. */
export function appTheme() {
  return program.description?.app.darkmode === true ? shownTheme() : 'light';
}

export function wantsDarkMode() {
  return program.description?.app.darkmode === true;
}

/** Paints the phone itself at once, and follows the switch. */
export function followTheme() {
  const paint = () => {
    document.documentElement.dataset.theme = shownTheme();
    document.documentElement.dataset.appTheme = appTheme();
  };
  paint();
  onDevice('theme', () => {
    paint();
    if (!wantsDarkMode()) return;
    applyTheme(appTheme());
    themeChanges.tell({ theme: appTheme() });
  });
  return paint;
}

/** @param {Record<string, any>} settings of a window @returns {Record<string, any>} with `@name`s looked up */
export function resolved(settings) {
  const variables = program.description?.theme?.[appTheme()] ?? {};
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => {
    const variable = typeof value === 'string' && value.startsWith('@') ? variables[value.slice(1)] : undefined;
    return [name, variable ?? value];
  }));
}
