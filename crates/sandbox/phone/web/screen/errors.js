/** Errors of the mini program: where they are in its own files, and who is told. */

import { Signal } from './signal.js';
import { program } from './registry.js';

const BUNDLE = '/phone/app/bundle.js';
const FRAME = /bundle\.js[^:)]*:(\d+):\d+/;
/** As the compiler begins each module; the only trace when the bundle itself does not parse. */
const HEAD = /^miniProgram\.module\(("(?:[^"\\]|\\.)*")/;

/** Told `{ message, stack, file, line }`. */
export const scriptErrors = new Signal();
/** Told `{ reason }`: a promise that nobody caught. */
export const rejections = new Signal();

/** @param {unknown} error thrown by code of the mini program */
export function report(error) {
  if (error && typeof error === 'object') {
    if (seen.has(error)) return;
    seen.add(error);
  }
  const place = placeOf(error);
  const message = messageOf(error);
  console.error(place ? `${message}\n    at ${place.file}:${place.line}` : message, error);
  scriptErrors.tell({ message, stack: error?.stack ?? '', ...place });
}

const seen = new WeakSet();

/** Calls code of the mini program; what it throws is its own error, not ours. */
export function guarded(call) {
  try {
    return call();
  } catch (error) {
    report(error);
    return undefined;
  }
}

function messageOf(error) {
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  return error && typeof error === 'object' ? (error.errMsg ?? JSON.stringify(error)) : String(error);
}

function placeOf(error) {
  const line = Number(FRAME.exec(error?.stack ?? '')?.[1]);
  return line ? inFile(line, program.description?.lines ?? []) : null;
}

/** @param {number} line of the bundle @param {[string, number][]} lines first line of each module */
export function inFile(line, lines) {
  let found = null;
  for (const [file, first] of lines) {
    if (first <= line && (!found || first > found.first)) found = { file, first };
  }
  return found && { file: found.file, line: line - found.first + 1 };
}

/** Errors that reach nobody else: timers, promises, and a bundle that does not parse. */
export function watch() {
  window.addEventListener('error', (event) => {
    if (event.error && !isSyntax(event)) {
      event.preventDefault();
      report(event.error);
    } else if (isSyntax(event)) unparsed(event);
  });
  window.addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    rejections.tell({ reason: event.reason });
    report(event.reason);
  });
}

function isSyntax(event) {
  return event.error instanceof SyntaxError && event.filename?.endsWith(BUNDLE) && !program.description;
}

async function unparsed(event) {
  const text = await fetch(BUNDLE).then((answer) => answer.text());
  const lines = text.split('\n').flatMap((line, index) => {
    const head = HEAD.exec(line);
    return head ? [[JSON.parse(head[1]), index + 1]] : [];
  });
  const place = inFile(event.lineno, lines);
  const message = `SyntaxError: ${event.error.message}`;
  console.error(place ? `${message}\n    at ${place.file}:${place.line}` : message);
  scriptErrors.tell({ message, stack: '', ...place });
}
