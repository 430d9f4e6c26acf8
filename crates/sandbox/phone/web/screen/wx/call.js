/** How every function of `wx` is called: with callbacks, or, without any, as a promise. */

import { guarded } from '../errors.js';

/** What a call ends with when it does not succeed. */
export class Refusal extends Error {
  /** @param {string} message follows `name:fail ` @param {Record<string, any>} [rest] other members of the answer */
  constructor(message, rest = {}) {
    super(message);
    this.rest = rest;
  }
}

/**
 * @param {string} name
 * @param {(options: any) => any} run its result, or what it throws, becomes the answer
 */
export function callable(name, run) {
  return (options) => {
    const wish = options && typeof options === 'object' ? options : {};
    const answer = settle(name, () => run(wish));
    if (!hasCallbacks(wish)) return answer;
    deliver(answer, wish);
    return undefined;
  };
}

/** @returns {boolean} whether somebody gave callbacks */
export function hasCallbacks({ success, fail, complete }) {
  return [success, fail, complete].some((callback) => typeof callback === 'function');
}

/** Calls back, later than the call itself in any case. */
export function deliver(answer, { success, fail, complete }) {
  const call = (callback, value) => {
    if (typeof callback === 'function') guarded(() => callback(value));
  };
  answer.then((value) => {
    call(success, value);
    call(complete, value);
  }, (value) => {
    call(fail, value);
    call(complete, value);
  });
}

/** @returns {Promise<any>} resolves with `{…, errMsg: 'name:ok'}`, rejects with `{…, errMsg: 'name:fail …'}` */
export async function settle(name, run) {
  try {
    // The turn of whoever called comes first, as over a phone's bridge.
    await null;
    const value = await run();
    return { ...value, errMsg: `${name}:ok` };
  } catch (error) {
    throw { ...(error.rest ?? {}), errMsg: `${name}:fail ${error.message}` };
  }
}

/** Checks the type of a parameter in the words that WeChat's base library uses. */
export function expect(options, name, type) {
  const value = options[name];
  const found = kindOf(value);
  if (found === type) return value;
  throw new Refusal(`parameter error: parameter.${name} should be ${type} instead of ${found};`);
}

function kindOf(value) {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
