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
    const module = { exports: {}, id: path, done: false, waiting: [] };
    // Before it runs, so that modules that require each other see what is there so far.
    this.#loaded.set(path, module);
    const require = this.#requireOf(path, module);
    try {
      program.modules.get(path).call(module.exports, require, module, module.exports, ...this.#given);
    } catch (error) {
      this.#loaded.delete(path);
      throw error;
    }
    module.done = true;
    for (const link of module.waiting) link();
    return module.exports;
  }

  /** With what the compiler makes of `import` and `export`. */
  #requireOf(path, module) {
    const require = (wanted) => this.load(locate(wanted, path));
    require.async = async (wanted) => require(wanted);
    require.exports = (getters) => offer(module.exports, getters);
    require.all = (namespace) => passOn(module.exports, namespace);
    require.imports = (wanted, setters) => {
      const target = locate(wanted, path);
      this.load(target);
      const source = this.#loaded.get(target);
      const link = () => setters.forEach(([name, set]) => take(source, name, set));
      link();
      // Modules that import each other: the rest comes when the other one is through.
      if (!source.done) source.waiting.push(link);
    };
    return require;
  }

  has(path) {
    return program.modules.has(path);
  }
}

/** As others see an ES module: each export is looked up when somebody asks. */
function offer(exports, getters) {
  Object.defineProperty(exports, '__esModule', { value: true });
  for (const [name, get] of Object.entries(getters)) {
    Object.defineProperty(exports, name, { get, enumerable: true, configurable: true });
  }
}

/** `export * from`: all but the default, and nothing that is there already. */
function passOn(exports, namespace) {
  for (const name of Object.keys(namespace)) {
    if (name !== 'default' && !Object.hasOwn(exports, name)) {
      Object.defineProperty(exports, name, { get: () => namespace[name], enumerable: true, configurable: true });
    }
  }
}

/** One name of another module; for CommonJS the whole of it is the default, as DevTools has it. */
function take(source, name, set) {
  const { exports } = source;
  const namespace = exports?.__esModule ? exports : { ...exports, default: exports };
  try {
    set(name === '*' ? namespace : namespace[name]);
  } catch (error) {
    // Not there yet, in a circle of modules; whoever uses it too early learns it then.
    if (source.done || !(error instanceof ReferenceError)) throw error;
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
