/**
 * Paying in a mini program, against a `shouyin` server.
 *
 * What `wx.requestPayment` reports is a hint about the buyer's screen. Whether money moved is for
 * the server to say, which asks WeChat. So every road here ends with a question to the server.
 */
const { configure } = require('./config');
const { login, forget } = require('./session');
const { call } = require('./http');
const { orders } = require('./orders');
const { newKey } = require('./key');
// Not taken apart: WeChat wraps each file in a function that has a parameter named `confirm`.
const cashier = require('./cashier');
const { outcomeOf } = require('./outcome');
const journal = require('./journal');
const { serverNow } = require('./clock');

module.exports = {
  configure,
  login,
  forget,
  call,
  orders,
  newKey,
  pay: cashier.pay,
  confirm: cashier.confirm,
  inCashier: cashier.inCashier,
  outcomeOf,
  unfinished: journal.unfinished,
  serverNow,
};
