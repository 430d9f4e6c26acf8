/** JSON made readable, with the members that matter set off. */

import { el } from '../frame/dom.js';

/** Members that carry the protocol; the eye should find them first. */
const WEIGHTY = new Set([
  'prepay_id', 'out_trade_no', 'transaction_id', 'trade_state', 'total', 'openid', 'code', 'message',
  'appid', 'appId', 'mchid', 'timeStamp', 'nonceStr', 'package', 'signType', 'paySign', 'errMsg', 'event_type',
  'refund_id', 'out_refund_no', 'refund_status', 'status', 'refund',
  'ciphertext', 'notify_url', 'time_expire', 'state', 'order_no', 'amount_fen', 'success_time', 'errcode', 'retry', 'issue',
]);
/** Deeper than anything of the API; a body made to be deep must not end the page. */
const MAX_DEPTH = 12;
/** A list longer than this is cut in the picture; the copy button has it all. */
const MAX_ITEMS = 100;

/**
 * A value as text nodes and spans, indented by two.
 *
 * @param {any} value
 * @returns {HTMLElement}
 */
export function jsonNode(value) {
  const root = el('pre', { class: 'code json' });
  root.append(...written(value, 0));
  return root;
}

/**
 * The text of a body: parsed when it is JSON, as it is when not.
 *
 * @param {string} text
 * @returns {HTMLElement}
 */
export function bodyNode(text) {
  try {
    const value = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return jsonNode(value);
  } catch {
    // Not JSON: shown as it came.
  }
  return el('pre', { class: 'code' }, text);
}

function written(value, depth) {
  if (value === null || typeof value !== 'object') return [scalar(value)];
  const pairs = Object.entries(value);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  if (pairs.length === 0 || depth >= MAX_DEPTH) return [open, pairs.length > 0 ? '…' : '', close];
  const shown = pairs.slice(0, MAX_ITEMS);
  const lines = shown.flatMap(([name, member], i) => [
    `\n${'  '.repeat(depth + 1)}`,
    ...(Array.isArray(value) ? written(member, depth + 1) : named(name, member, depth + 1)),
    i < pairs.length - 1 ? ',' : '',
  ]);
  if (pairs.length > shown.length) lines.push(`\n${'  '.repeat(depth + 1)}…`);
  return [open, ...lines, `\n${'  '.repeat(depth)}${close}`];
}

function named(name, member, depth) {
  const key = el('span', { class: 'json-key' }, JSON.stringify(name));
  const parts = [key, ': ', ...written(member, depth)];
  const single = member === null || typeof member !== 'object';
  return WEIGHTY.has(name) && single ? [el('mark', { class: 'json-weighty' }, ...parts)] : parts;
}

function scalar(value) {
  return el('span', { class: `json-${value === null ? 'null' : typeof value}` }, JSON.stringify(value) ?? 'null');
}
