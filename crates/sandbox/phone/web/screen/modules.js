/** CommonJS as WeChat has it: each file is a function, run once, when somebody requires it. */

import { program } from './registry.js';

/** What a module is given after `require, module, exports`. The rest of its parameters stay undefined. */
const GIVEN = ['App', 'Page', 'Component', 'Behavior', 'getApp', 'getCurrentPages', 'wx', 'global'];

export class Modules {
  #loaded = new Map();
  #given;

  /** @param {Record<string, any>} globals */
  constructor(globals) {
    this.#given = GIVEN.map((name) => globals[name]);
  }

  /** @param {string} path with suffix @returns {any} the module's exports */
  load(path) {
    const known = this.#loaded.get(path);
    if (known) return known.exports;
    const module = { exports: {}, id: path };
    // Before it runs, so that modules that require each other see what is there so far.
    this.#loaded.set(path, module);
    const require = (wanted) => this.load(locate(wanted, path));
    try {
      program.modules.get(path).call(module.exports, require, module, module.exports, ...this.#given);
    } catch (error) {
      this.#loaded.delete(path);
      throw error;
    }
    return module.exports;
  }

  has(path) {
    return program.modules.has(path);
  }
}

/** @param {string} wanted as written @param {string} from the module that asks @returns {string} */
export function locate(wanted, from) {
  const found = candidates(String(wanted), from).find((path) => program.modules.has(path));
  if (found) return found;
  throw new Error(`module '${normalize(wanted, from)}.js' is not defined, require args is '${wanted}'`);
}

function candidates(wanted, from) {
  const folder = from.split('/').slice(0, -1);
  const named = /^\.{0,2}\//.test(wanted);
  const bases = named ? [] : npmFolders(folder).map((place) => join([...place, 'miniprogram_npm'], wanted));
  bases.push(normalize(wanted, from));
  return bases.flatMap((base) => [base, `${base}.js`, `${base}/index.js`]);
}

/** This folder and those above it, nearest first. */
function npmFolders(folder) {
  return [...folder, ''].map((_, up) => folder.slice(0, folder.length - up));
}

function normalize(wanted, from) {
  return wanted.startsWith('/') ? join([], wanted) : join(from.split('/').slice(0, -1), wanted);
}

function join(folder, path) {
  const parts = [...folder];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
