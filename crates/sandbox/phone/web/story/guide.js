/** What is shown besides the entries. Pure. */

/** The mini program logs in by itself when it is opened; those steps have then happened. */
const LOGIN_STEPS = 2;
/** Somebody who has done this much without ordering has seen the invitation. */
const PATIENCE = 30;

/**
 * What is shown besides the entries: the whole map, the invitation, or nothing.
 *
 * @param {import('./store.js').Entry[]} entries
 * @param {{ map: boolean, orders: number }} state
 * @returns {{ mode: 'map' | 'invite' | 'none', skip: number }}
 */
export function guideFor(entries, { map, orders }) {
  if (map) return { mode: 'map', skip: 0 };
  if (orders > 0 || entries.length > PATIENCE) return { mode: 'none', skip: 0 };
  return { mode: 'invite', skip: entries.some(({ kind }) => kind === 'login_code') ? LOGIN_STEPS : 0 };
}
