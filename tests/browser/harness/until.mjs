// Waiting for something outside, with an end.

import { setTimeout as pause } from 'node:timers/promises';

/** A busy machine with two cores; what takes longer than this is broken. */
const LIMIT_MS = 20_000;
/** Often enough that a test does not wait for the waiting. */
const LOOK_EVERY_MS = 20;

/**
 * Looks again and again until there is something to see, and answers with it.
 * @template T
 * @param {string} what What is waited for, for the message when it does not come.
 * @param {() => Promise<T> | T} look Answers something false as long as there is nothing to see.
 * @param {number} [limitMs]
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, look, limitMs = LIMIT_MS) {
  const end = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}
