/** Calls to the sandbox on behalf of the phone's own software: login, cashier. */

import { device } from '../device.js';

/** How much later everything arrives when the network is slow. */
const SLOW_MS = 2000;
const TIMEOUT_MS = 20_000;

/** The phone has no network. The message is what Chromium says; phones differ, so it is uncertain. */
export class Offline extends Error {
  constructor() {
    super('net::ERR_INTERNET_DISCONNECTED');
  }
}

/** Waits or fails, as the network switch says. */
export async function throughNetwork() {
  if (device.network === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
  if (device.network === 'offline') throw new Offline();
}

/** @param {string} path @param {any} body @param {AbortSignal} [signal] @returns {Promise<any>} the JSON answer */
export async function post(path, body, signal = AbortSignal.timeout(TIMEOUT_MS)) {
  await throughNetwork();
  const answer = await fetch(path, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal,
  });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error ?? `${answer.status}`);
  return value;
}
