/** What the sandbox tells as it happens: one event source for the page and all its phones. */

import { call } from './api.js';
import { complain } from './notice.js';

/** Entries of the story fetched at the start; the story itself keeps no more. */
const PAGE_LIMIT = 20;

export const live = new EventTarget();
let lastRevision = 0;

/**
 * Opens the event source, then fetches what was before it. In this order nothing falls between
 * the two; what comes twice is told apart by its revision.
 */
export function connect() {
  const source = new EventSource('/phone/api/events');
  let lost = false;
  source.addEventListener('open', () => {
    tell('connected', true);
    // A sandbox that was started anew counts from one: ask it from the beginning.
    if (lost) {
      source.close();
      connect().catch(complain);
    }
  });
  source.addEventListener('error', () => {
    lost = true;
    tell('connected', false);
  });
  for (const name of ['story', 'reload', 'reset', 'clock']) {
    source.addEventListener(name, (event) => tell(name, parsed(event.data)));
  }
  return catchUp();
}

async function catchUp() {
  let after = 0;
  for (let page = 0; page < PAGE_LIMIT; page += 1) {
    const { data, next_after } = await call('GET', `/control/story?after=${after}`);
    if (page === 0 && newest(data) < lastRevision) tell('reset', {});
    for (const entry of data) tell('story', entry);
    if (data.length === 0 || next_after === after) return;
    after = next_after;
  }
}

function newest(entries) {
  return entries.reduce((most, { revision }) => Math.max(most, revision), 0);
}

function tell(name, detail) {
  if (name === 'story' && detail) lastRevision = Math.max(lastRevision, detail.revision);
  if (name === 'reset') lastRevision = 0;
  live.dispatchEvent(new CustomEvent(name, { detail }));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * @param {'connected' | 'story' | 'reload' | 'reset' | 'clock'} name
 * @param {(detail: any) => void} listener
 */
export function onLive(name, listener) {
  live.addEventListener(name, (event) => listener(event.detail));
}
