/** The built-in tags. `view`, `text` and `block` need no code: the style sheet makes them what they are. */

import { buttonTag } from './button.js';
import { checkTags } from './check.js';
import { formTag } from './form.js';
import { iconTag } from './icon.js';
import { imageTag } from './image.js';
import { inputTag, textareaTag } from './input.js';
import { labelTag } from './label.js';
import { navigatorTag } from './navigator.js';
import { pageMetaTag } from './page-meta.js';
import { pickerTag } from './picker.js';
import { progressTag } from './progress.js';
import { richTextTag } from './rich-text.js';
import { scrollViewTag } from './scroll-view.js';
import { sliderTag } from './slider.js';
import { swiperTags } from './swiper.js';
import { switchTag } from './switch.js';

/** @returns {[string, any][]} tag and definition */
export function defineBuiltins() {
  return [
    ['button', buttonTag()], ['form', formTag()], ['icon', iconTag()], ['image', imageTag()],
    ['input', inputTag()], ['textarea', textareaTag()], ['label', labelTag()], ['navigator', navigatorTag()],
    ['picker', pickerTag()], ['progress', progressTag()], ['scroll-view', scrollViewTag()],
    ['switch', switchTag()], ['cover-image', imageTag()], ['page-meta', pageMetaTag()], ['rich-text', richTextTag()],
    ['slider', sliderTag()], ...checkTags(), ...swiperTags(),
  ];
}
