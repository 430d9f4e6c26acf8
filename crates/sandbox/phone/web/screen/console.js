/** Errors on the console are shown beside the phone, too. */

import { tellFrame } from './frame.js';

/** A frame keeps few of them, and each short. */
const MAX_TEXT = 2000;

export function watchConsole() {
  const original = console.error;
  console.error = (...values) => {
    original.apply(console, values);
    tellFrame('console', { level: 'error', text: values.map(shown).join(' ').slice(0, MAX_TEXT) });
  };
}

function shown(value) {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
