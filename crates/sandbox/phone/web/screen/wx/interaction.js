/** What a mini program lets the phone say. */

import { chooseAction } from '../overlay/actions.js';
import { showModal } from '../overlay/modal.js';
import { preview } from '../overlay/preview.js';
import { hideToast, showLoading, showToast } from '../overlay/toast.js';
import { callable, expect, Refusal } from './call.js';

/** Source: developers.weixin.qq.com/miniprogram/dev/api/ui/interaction/wx.showModal.html */
const MAX_BUTTON_TEXT = 4;
const MAX_ACTIONS = 6;

export function interaction() {
  return {
    showToast: callable('showToast', titled(showToast)),
    showLoading: callable('showLoading', titled(showLoading)),
    hideToast: callable('hideToast', () => hideToast()),
    hideLoading: callable('hideLoading', () => hideToast()),
    showModal: callable('showModal', (options) => {
      for (const name of ['confirmText', 'cancelText']) {
        if (String(options[name] ?? '').length > MAX_BUTTON_TEXT) {
          throw new Refusal(`${name} length should not larger than ${MAX_BUTTON_TEXT} Chinese characters`);
        }
      }
      return showModal(options);
    }),
    showActionSheet: callable('showActionSheet', async (options) => {
      const items = expect(options, 'itemList', 'Array');
      if (items.length > MAX_ACTIONS) {
        throw new Refusal(`parameter error: itemList should not be larger than ${MAX_ACTIONS}`);
      }
      const tapIndex = await chooseAction(items, { colour: options.itemColor, title: options.alertText });
      if (tapIndex === null) throw new Refusal('cancel');
      return { tapIndex };
    }),
    previewImage: callable('previewImage', (options) => {
      const urls = expect(options, 'urls', 'Array');
      if (urls.length === 0) throw new Refusal('parameter error: parameter.urls should have at least 1 item;');
      // The one to begin with is named, or, since 2.9, numbered.
      const first = typeof options.current === 'number' ? options.current : urls.indexOf(options.current);
      preview(urls.map(String), Math.max(0, Math.min(urls.length - 1, first)));
    }),
    vibrateShort: callable('vibrateShort', () => {}),
    vibrateLong: callable('vibrateLong', () => {}),
  };
}

function titled(show) {
  return (options) => show({ ...options, title: expect(options, 'title', 'String') });
}
