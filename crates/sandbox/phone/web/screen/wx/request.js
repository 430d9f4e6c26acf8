/** `wx.request`: through the sandbox, which knows the legal domains and where they lead. */

import { device } from '../device.js';
import { program } from '../registry.js';
import { callable, deliver, expect, Refusal, settle } from './call.js';
import { throughNetwork } from './sandbox.js';
import { Signal } from '../signal.js';

/** Source: developers.weixin.qq.com/miniprogram/dev/framework/ability/network.html */
const DEFAULT_TIMEOUT_MS = 60_000;
const MAX_IN_FLIGHT = 10;
const METHODS = new Set(['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT']);
const FORM = 'application/x-www-form-urlencoded';

let inFlight = 0;
/** @type {(() => void)[]} requests beyond the limit wait for their turn */
const queue = [];

export function request() {
  return { request: start, ...REFUSED };
}

/** Files and sockets do not go through the sandbox. */
const REFUSED = {
  uploadFile: callable('uploadFile', () => refuse()),
  downloadFile: callable('downloadFile', () => refuse()),
};

function refuse() {
  throw new Refusal('not supported on the virtual phone');
}

/** Unlike others it gives a task, never a promise. */
function start(options = {}) {
  const stop = new AbortController();
  const headers = new Signal();
  const answer = settle('request', () => inTurn(() => exchange(options, stop.signal, headers)));
  deliver(answer, options);
  return {
    abort: () => stop.abort(new Refusal('abort')),
    onHeadersReceived: (listener) => headers.on(listener),
    offHeadersReceived: (listener) => headers.off(listener),
    onChunkReceived: () => {},
    offChunkReceived: () => {},
  };
}

async function inTurn(run) {
  if (inFlight >= MAX_IN_FLIGHT) await new Promise((resolve) => queue.push(resolve));
  inFlight += 1;
  try {
    return await run();
  } finally {
    inFlight -= 1;
    queue.shift()?.();
  }
}

async function exchange(options, aborted, headers) {
  const wish = wishOf(options);
  const late = AbortSignal.timeout(wish.timeout_ms);
  const signal = AbortSignal.any([aborted, late]);
  try {
    await race(throughNetwork(), signal);
    const answer = await fetch('/phone/api/request', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(wish), signal,
    });
    return understood(await answer.json(), options, headers);
  } catch (error) {
    if (aborted.aborted) throw aborted.reason;
    if (late.aborted) throw new Refusal('timeout', { errno: 5 });
    throw error;
  }
}

function race(promise, signal) {
  return Promise.race([promise, new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  })]);
}

function wishOf(options) {
  const method = String(options.method ?? 'GET').toUpperCase();
  if (!METHODS.has(method)) throw new Refusal(`method is invalid: ${method}`);
  const header = { 'content-type': 'application/json', ...lowered(options.header ?? {}) };
  const inQuery = method === 'GET' || method === 'HEAD';
  const url = expect(options, 'url', 'String');
  return {
    user: device.user,
    url: inQuery ? withQuery(url, options.data) : url,
    method,
    header,
    data: inQuery ? null : bodyOf(options.data, header['content-type']),
    timeout_ms: timeoutOf(options),
  };
}

function timeoutOf({ timeout }) {
  const wanted = timeout ?? program.description?.app.networkTimeout?.request;
  return Number(wanted) > 0 ? Math.min(Number(wanted), DEFAULT_TIMEOUT_MS) : DEFAULT_TIMEOUT_MS;
}

/** Names are lowered only where we must find one; what the mini program wrote stays otherwise. */
function lowered(header) {
  return Object.fromEntries(Object.entries(header).map(([name, value]) => (
    [name.toLowerCase() === 'content-type' ? 'content-type' : name, value]
  )));
}

function bodyOf(data, contentType) {
  if (data === undefined || data === null) return null;
  if (typeof data === 'string') return data;
  if (data instanceof ArrayBuffer) throw new Refusal('ArrayBuffer as data is not supported on the virtual phone');
  if (String(contentType).startsWith(FORM)) return pairs(data);
  return JSON.stringify(data);
}

function withQuery(url, data) {
  if (data === null || typeof data !== 'object') return url;
  const query = pairs(data);
  return query ? `${url}${url.includes('?') ? '&' : '?'}${query}` : url;
}

function pairs(data) {
  const isObject = (value) => value !== null && typeof value === 'object';
  const text = (value) => encodeURIComponent(isObject(value) ? JSON.stringify(value) : value);
  return Object.entries(data).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${text(value)}`).join('&');
}

function understood(answer, { dataType = 'json', responseType = 'text' }, headers) {
  if (answer.errMsg) throw new Refusal(answer.errMsg.replace(/^request:fail ?/, ''));
  const { statusCode, header, data } = answer;
  headers.tell({ header, statusCode });
  return { data: decoded(data, dataType, responseType), statusCode, header, cookies: cookiesOf(header) };
}

function decoded(data, dataType, responseType) {
  if (responseType === 'arraybuffer') return new TextEncoder().encode(data).buffer;
  if (dataType !== 'json') return data;
  try {
    return JSON.parse(data);
  } catch {
    // Not JSON: the text itself, as on a phone.
    return data;
  }
}

function cookiesOf(header) {
  const found = Object.entries(header).find(([name]) => name.toLowerCase() === 'set-cookie');
  return found ? [found[1]] : [];
}
