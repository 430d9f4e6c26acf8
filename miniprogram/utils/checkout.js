/** From a button that pays to the page that tells what came of it. */
const pay = require('../pay/src/index');
const { sentence } = require('./failure');

/** @typedef {(options: {url: string, complete: () => void}) => void} Go */

/** @param {string} order_no */
function resultUrl(order_no) {
  return '/pages/result/index?order_no=' + encodeURIComponent(order_no);
}

/**
 * Opens the cashier, and the result page as soon as it closes: that page joins this payment and
 * shows the questions to the server. Resolves once the page is there (`true`), or the buyer was
 * told that the cashier did not open (`false`).
 * @param {{order_no: string} | import('../pay/src/types').Placed} wanted
 * @param {Go} go  `wx.navigateTo` or `wx.redirectTo`
 * @returns {Promise<boolean>}
 */
function payAndShow(wanted, go) {
  const order_no = 'order' in wanted ? wanted.order.order_no : wanted.order_no;
  return new Promise((resolve) => {
    let shown = false;
    const show = () => {
      if (!shown) {
        shown = true;
        go({ url: resultUrl(order_no), complete: () => resolve(true) });
      }
    };
    const tell = (/** @type {unknown} */ error) => {
      wx.showToast({ title: sentence(error), icon: 'none' });
      resolve(false);
    };
    const end = (/** @type {import('../pay/src/types').Outcome} */ outcome) =>
      outcome.state === 'failed' && !shown ? tell(outcome.error) : show();
    pay.pay(wanted, { onReturn: show }).then(end, tell);
  });
}

/** @param {string} goods_id  empty when the goods are no longer known */
function buyAgain(goods_id) {
  if (goods_id) {
    wx.redirectTo({ url: '/pages/confirm/index?goods_id=' + encodeURIComponent(goods_id) });
  } else {
    wx.reLaunch({ url: '/pages/goods/index' });
  }
}

module.exports = { resultUrl, payAndShow, buyAgain };
