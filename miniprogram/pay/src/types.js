/**
 * The shapes of the server's answers (docs/API.md) and of what this module hands back.
 * This file holds types only.
 *
 * @typedef {'created' | 'awaiting_payment' | 'paid' | 'partially_refunded' | 'refunded'
 *   | 'closed'} OrderState
 *
 * @typedef {object} Order
 * @property {string} order_no  what WeChat calls `out_trade_no`
 * @property {OrderState} state
 * @property {number} amount_fen  integer, fen
 * @property {number} refunded_fen  integer, fen
 * @property {'CNY'} currency
 * @property {string} description
 * @property {string} created_at  RFC 3339
 * @property {string} expires_at  RFC 3339
 * @property {string} [paid_at]  RFC 3339
 * @property {string} [transaction_id]
 * @property {string} [closed_at]  RFC 3339
 * @property {number} version
 *
 * The five fields of `wx.requestPayment`, as the server signed them.
 * @typedef {object} Payment
 * @property {string} timeStamp
 * @property {string} nonceStr
 * @property {string} package
 * @property {'RSA'} signType
 * @property {string} paySign
 *
 * @typedef {{order: Order, payment: Payment}} Placed
 * @typedef {{data: Order[], next_cursor: string | null}} OrderPage
 *
 * How a road ended. `state` is a closed set:
 *
 * - `paid`: WeChat has confirmed it to the server.
 * - `unpaid`: not paid so far, and payable: the buyer left, or the cashier failed.
 * - `pending`: the cashier was open and nobody could say yet. Never "failed".
 * - `closed`: it can no longer be paid, and was not.
 * - `refunded`: it was paid, and all of it went back.
 * - `failed`: the cashier never opened, so this call moved no money.
 *
 * @typedef {object} Outcome
 * @property {'paid' | 'unpaid' | 'pending' | 'closed' | 'refunded' | 'failed'} state
 * @property {string} order_no
 * @property {Order} [order]  the newest that the server told; absent when it could not be asked
 * @property {'cancel' | 'fail'} [cashier]  what the cashier reported, when it was not ok
 * @property {string} [errMsg]  the cashier's own words, for a log, not for buyers
 * @property {import('./errors').PayError} [error]  why `failed`
 */

module.exports = {};
