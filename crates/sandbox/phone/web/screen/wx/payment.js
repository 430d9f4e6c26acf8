/** `wx.requestPayment`. */

import { openCashier } from '../pay/cashier.js';
import { callable } from './call.js';

export function payment() {
  return { requestPayment: callable('requestPayment', openCashier) };
}
