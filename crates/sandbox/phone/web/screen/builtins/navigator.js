/** `<navigator>`: a link between pages. */

import { define } from './define.js';

/** How each `open-type` is called in `wx`. */
const TYPES = {
  navigate: 'navigateTo', redirect: 'redirectTo', switchTab: 'switchTab', reLaunch: 'reLaunch',
  navigateBack: 'navigateBack',
};

let wx = null;

/** The built-ins are made before `wx` is. */
export function navigatorUses(given) {
  wx = given;
}

export function navigatorTag() {
  return define('navigator', {
    properties: {
      target: { type: String, value: 'self' }, url: String, openType: { type: String, value: 'navigate' },
      delta: { type: Number, value: 1 }, hoverClass: { type: String, value: 'navigator-hover' },
      hoverStopPropagation: Boolean, hoverStartTime: Number, hoverStayTime: Number,
    },
    created(host) {
      host.setAttribute('role', 'link');
      host.tabIndex = 0;
      this.addListener('tap', () => this.go());
    },
    methods: {
      go() {
        const { url, openType, delta } = this.data;
        const name = TYPES[openType];
        if (!name) {
          console.warn(`<navigator open-type="${openType}">: not supported on the virtual phone`);
          return;
        }
        wx[name]({
          url, delta,
          success: (answer) => this.triggerEvent('success', answer),
          fail: (answer) => {
            console.warn(answer.errMsg);
            this.triggerEvent('fail', answer);
          },
          complete: (answer) => this.triggerEvent('complete', answer),
        });
      },
      hoverClass() {
        return this.data.hoverClass;
      },
    },
  });
}
