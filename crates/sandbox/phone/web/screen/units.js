/** Lengths of WXSS in the browser's: the phone's width, and the height of a page without its bar. */

/** `750rpx` are the whole width, so one is so much of a `vw`. */
const RPX = /(-?\d*\.?\d+)rpx\b/g;
const VIEW_HEIGHT = /(-?\d*\.?\d+)vh\b/g;
const SAFE_AREA = /\b(?:env|constant)\(\s*safe-area-inset-(top|right|bottom|left)\s*(?:,[^()]*)?\)/g;

/** For inline styles, which the compiler never sees. */
export function convertLengths(css) {
  return convertHeights(css.replace(RPX, (_, value) => `${(Number(value) * 100) / 750}vw`));
}

/**
 * On a phone a page is a document of its own below the bar, so `100vh` ends above the bar. Here a page
 * is a size container; and what a browser knows of notches is zero, while ours has a home bar.
 */
export function convertHeights(css) {
  return css
    .replace(VIEW_HEIGHT, (_, value) => `${value}cqh`)
    .replace(SAFE_AREA, (_, side) => `var(--phone-safe-${side})`);
}
