/**
 * `wx.requestPayment`: the five fields are checked, the sandbox's cashier verifies `paySign` and
 * the order, and only then the sheet opens. Whether a page gets `onHide` and `onShow` around the
 * cashier differs between phones (uncertain); here it gets neither.
 *
 * Source: pay.weixin.qq.com/doc/v3/merchant/4012791898
 */

import { device } from '../device.js';
import { tellFrame } from '../frame.js';
import { explain } from '../problems.js';
import { choose, word } from '../words.js';
import { Refusal } from '../wx/call.js';
import { Offline, post } from '../wx/sandbox.js';
import { fieldProblem } from './fields.js';
import { openSheet } from './sheet.js';

const FIELDS = ['timeStamp', 'nonceStr', 'package', 'signType', 'paySign'];
const FAIL = /^requestPayment:fail ?/;

/** One sheet at a time; a second call while it is open is refused, as nobody could tell whose it is. */
let busy = false;

/** @param {Record<string, any>} options @returns {Promise<void>} */
export async function openCashier(options) {
  // The words are ours; what a phone says to a second call is uncertain.
  if (busy) throw refusal('', 'requestPayment is already open');
  busy = true;
  try {
    await attend(options);
  } finally {
    busy = false;
  }
}

async function attend(options) {
  const problem = fieldProblem(options);
  if (problem) {
    explain(word('payRefused'), choose(problem.zh, problem.en), 'wx.requestPayment');
    throw refusal('', problem.message);
  }
  const fields = Object.fromEntries(FIELDS.map((name) => [name, options[name]]));
  const visit = await opened(fields);
  const prepayId = fields.package.replace(/^prepay_id=/, '');
  if (visit.errMsg) throw refused(visit, prepayId);
  const end = await openSheet(visit, visitCalls(visit.cashier_id));
  if (end.errMsg === 'requestPayment:ok') {
    tellFrame('payment', { prepay_id: prepayId, result: end.errMsg });
    return;
  }
  throw end.reason ? refused(end, prepayId) : refusal(prepayId, end.errMsg.replace(FAIL, ''));
}

async function opened(fields) {
  try {
    return await post('/control/cashier', { ...fields, appid: device.host.appid, user: device.user });
  } catch (error) {
    // What a phone says when it cannot reach the cashier is uncertain; pages must take it as unknown.
    throw refusal('', error instanceof Offline ? error.message : `cashier: ${error.message}`);
  }
}

/** The cashier said why, in words for the developer. */
function refused({ errMsg, reason, reason_en: reasonEn }, prepayId) {
  explain(word('payRefused'), choose(reason, reasonEn), errMsg.replace(FAIL, ''));
  return refusal(prepayId, errMsg.replace(FAIL, ''));
}

function refusal(prepayId, message) {
  tellFrame('payment', { prepay_id: prepayId, result: `requestPayment:fail ${message}` });
  return new Refusal(message);
}

function visitCalls(id) {
  const path = `/control/cashier/${encodeURIComponent(id)}`;
  return {
    pay: (password) => post(`${path}/pay`, { password }),
    cancel: () => post(`${path}/cancel`, {}),
  };
}
