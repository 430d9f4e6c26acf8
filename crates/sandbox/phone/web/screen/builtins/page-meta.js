/** `<page-meta>`: the first tag of a page, which speaks of the page itself. */

import { setOwnStyle } from '../backend.js';
import { convertLengths } from '../units.js';
import { define } from './define.js';

export function pageMetaTag() {
  return define('page-meta', {
    properties: {
      pageStyle: String, scrollTop: String, backgroundColor: String, backgroundTextStyle: String, rootFontSize: String,
      rootBackgroundColor: String, backgroundColorTop: String, backgroundColorBottom: String, scrollDuration: Number,
      pageFontSize: String, pageOrientation: String,
    },
    observers: {
      'pageStyle, rootBackgroundColor': function style() {
        this.apply();
      },
      scrollTop(top) {
        const place = this.getBackendElement().closest('.phone-scroll');
        if (Number.isFinite(Number.parseFloat(top))) place?.scrollTo({ top: Number.parseFloat(top) });
      },
    },
    attached() {
      this.apply();
    },
    methods: {
      apply() {
        const page = this.getBackendElement().closest('page');
        if (!page) return;
        const ground = this.data.rootBackgroundColor;
        setOwnStyle(page, convertLengths(`${ground ? `background-color:${ground};` : ''}${this.data.pageStyle}`));
        // What a page forbids itself is on a phone forbidden to its window.
        const still = /overflow(-y)?\s*:\s*hidden/.test(this.data.pageStyle);
        page.closest('.phone-scroll')?.classList.toggle('still', still);
      },
    },
  });
}
