/** Where a phone keeps things: in this browser, apart for each mini program and each buyer. */

import { device } from '../device.js';

function prefix() {
  return `shouyin.phone:${device.host.appid}:${device.user}:`;
}

const DATA = 'data:';
const SESSION = 'session';

/** @returns {string | null} */
export function readText(key) {
  return localStorage.getItem(prefix() + DATA + key);
}

export function writeText(key, text) {
  localStorage.setItem(prefix() + DATA + key, text);
}

export function removeText(key) {
  localStorage.removeItem(prefix() + DATA + key);
}

/** @returns {string[]} */
export function keys() {
  const start = prefix() + DATA;
  return Object.keys(localStorage).filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
}

/** What the mini program stored; the login on the phone stays. */
export function clearData() {
  for (const key of keys()) removeText(key);
}

/** Everything of this buyer, as if the mini program had been deleted. */
export function clearStore() {
  clearData();
  forgetSession();
}

export function keepSession() {
  localStorage.setItem(prefix() + SESSION, '1');
}

export function hasSession() {
  return localStorage.getItem(prefix() + SESSION) !== null;
}

export function forgetSession() {
  localStorage.removeItem(prefix() + SESSION);
}
