/**
 * Coming back from a cashier that never reported: the phone killed the mini program, or it was
 * swiped away. The journal of the pay module knows the order; its page asks the server.
 */
const pay = require('../pay/src/index');

/** Once per time in the foreground: a buyer who turns away from the answer is left in peace. */
let armed = false;

/** The mini program came to the foreground. */
function arm() {
  armed = true;
}

/**
 * Shows the result page of the unfinished payment, if there is one.
 * @returns {boolean} whether it does
 */
function resume() {
  if (!armed || pay.inCashier()) {
    return false;
  }
  armed = false;
  const order_no = pay.unfinished()[0];
  if (!order_no) {
    return false;
  }
  wx.navigateTo({ url: '/pages/result/index?order_no=' + encodeURIComponent(order_no) });
  return true;
}

module.exports = { arm, resume };
