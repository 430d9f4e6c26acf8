/** Loads the unmodified files of the mini program, as WeChat does: each in a function. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

export const ROOT = fileURLToPath(new URL('../../../miniprogram/', import.meta.url));

/**
 * Browser and Node names that do not exist on a phone; a file that uses one fails here too. They
 * are parameters, as in WeChat's own wrapper, so a file cannot declare them with `const` either.
 */
const ABSENT = [
  'window', 'self', 'globalThis', 'document', 'location', 'navigator', 'history', 'localStorage',
  'sessionStorage', 'indexedDB', 'fetch', 'XMLHttpRequest', 'WebSocket', 'alert', 'confirm',
  'prompt', 'open', 'parent', 'top', 'frames', 'screen', 'process', 'Buffer', 'crypto', 'URL',
  'URLSearchParams', 'structuredClone', 'setImmediate', 'queueMicrotask',
];

/**
 * @param {Record<string, any>} globals  what the files see
 * @returns {{load: (file: string) => any}} one run of the mini program: its own module registry
 */
export function modules(globals) {
  const loaded = new Map();
  const names = Object.keys(globals);
  const load = (file) => {
    const known = loaded.get(file);
    if (known) {
      return known.exports;
    }
    const module = { exports: {} };
    loaded.set(file, module);
    const params = ['require', 'module', 'exports', ...names, ...ABSENT];
    const body = readFileSync(file, 'utf8');
    const run = vm.compileFunction(`'use strict';${body}`, params, { filename: file });
    const require = (wanted) => load(resolve(path.dirname(file), wanted));
    run(require, module, module.exports, ...names.map((name) => globals[name]));
    return module.exports;
  };
  return { load: (file) => load(path.join(ROOT, file)) };
}

function resolve(folder, wanted) {
  const base = wanted.startsWith('/') ? path.join(ROOT, wanted) : path.join(folder, wanted);
  const candidates = [base, `${base}.js`, path.join(base, 'index.js')];
  const found = candidates.find((file) => existsSync(file) && statSync(file).isFile());
  if (!found) {
    throw new Error(`module '${wanted}' is not in the mini program`);
  }
  return found;
}
