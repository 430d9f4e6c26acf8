/** `App()`: one object for the whole mini program, and its lifecycle. */

import { guarded, rejections, scriptErrors } from './errors.js';
import { Signal } from './signal.js';
import { themeChanges } from './theme.js';

/** Opened from the list of those used lately.
 * Source: developers.weixin.qq.com/miniprogram/dev/reference/scene-list.html */
const SCENE_RECENT = 1089;

/** What `wx.onAppShow` and its like listen to. */
export const appSignals = {
  show: new Signal(), hide: new Signal(), error: new Signal(), rejection: new Signal(), missing: new Signal(),
};

class AppHolder {
  #instance = null;
  #visible = false;
  launchOptions = optionsOf('', {});
  enterOptions = optionsOf('', {});

  get instance() {
    return this.#instance;
  }

  /** `App({...})` of the mini program; the first one counts. */
  define(definition = {}) {
    if (this.#instance) return;
    this.#instance = Object.assign(Object.create({}), definition);
  }

  /** @param {string} path @param {Record<string, string>} query */
  launch(path, query) {
    this.launchOptions = optionsOf(path, query);
    this.enterOptions = this.launchOptions;
    this.#call('onLaunch', this.launchOptions);
    this.show();
  }

  show() {
    if (this.#visible) return false;
    this.#visible = true;
    this.#call('onShow', this.enterOptions);
    tell(appSignals.show, this.enterOptions);
    return true;
  }

  hide() {
    if (!this.#visible) return false;
    this.#visible = false;
    this.#call('onHide');
    tell(appSignals.hide);
    return true;
  }

  /** @returns {boolean} whether the mini program deals with it */
  pageNotFound(path, query) {
    const options = { path, query, isEntryPage: true };
    this.#call('onPageNotFound', options);
    tell(appSignals.missing, options);
    return typeof this.#instance?.onPageNotFound === 'function';
  }

  /** Errors and themes are told to `App`, too. */
  follow() {
    scriptErrors.on(({ message, stack }) => {
      const text = stack || message;
      this.#call('onError', text);
      tell(appSignals.error, text);
    });
    rejections.on(({ reason }) => {
      const answer = { reason, promise: null };
      this.#call('onUnhandledRejection', answer);
      tell(appSignals.rejection, answer);
    });
    themeChanges.on((theme) => this.#call('onThemeChange', theme));
  }

  #call(name, ...values) {
    const method = this.#instance?.[name];
    if (typeof method === 'function') guarded(() => method.apply(this.#instance, values));
  }
}

export const app = new AppHolder();

function tell(signal, ...values) {
  guarded(() => signal.tell(...values));
}

function optionsOf(path, query) {
  return {
    path, query: { ...query }, scene: SCENE_RECENT, shareTicket: undefined, referrerInfo: {}, apiCategory: 'default',
  };
}
