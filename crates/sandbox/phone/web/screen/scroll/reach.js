/** Scrolling of a page: `onPageScroll` and `onReachBottom`. */

/** Source: developers.weixin.qq.com/miniprogram/dev/reference/configuration/page.html */
const DEFAULT_DISTANCE_PX = 50;

/** @param {import('../page.js').Page} page */
export function watchScroll(page) {
  const { scroll } = page;
  let reachedAt = null;
  scroll.addEventListener('scroll', () => {
    if (page.gone) return;
    page.call('onPageScroll', { scrollTop: scroll.scrollTop });
    const distance = Number(page.settings.onReachBottomDistance ?? DEFAULT_DISTANCE_PX);
    const left = scroll.scrollHeight - scroll.clientHeight - scroll.scrollTop;
    if (left > distance) reachedAt = null;
    // Once per height: new rows make a new bottom, even if it is in sight at once.
    else if (reachedAt !== scroll.scrollHeight && scroll.scrollTop > 0) {
      reachedAt = scroll.scrollHeight;
      page.call('onReachBottom');
    }
  }, { passive: true });
}
