/** Components: the built-in tags, and what the mini program registers for its files. */

import * as glassEasel from 'glass-easel';
import { MiniProgramEnv } from 'glass-easel-miniprogram-adapter';
import { PhoneBackend } from './backend.js';
import { defineBuiltins } from './builtins/index.js';
import { tidied } from './definitions.js';
import { guarded } from './errors.js';
import { lifetimesOf } from './ready.js';
import { program, unitOf } from './registry.js';
import { formField } from './builtins/field.js';
import { templateOf } from './templates.js';

/** As far as a phone goes: what these mean beyond form fields is done by the tags themselves. */
const BUILT_IN_BEHAVIOR = /^wx:\/\//;

export class Space {
  #space;
  #associated;
  #formField;
  /** Which file is being loaded: `Page` and `Component` register for it, whoever calls them. */
  #entry = null;
  #registered = new Set();
  /** @type {Map<string, import('./modules.js').Modules>} */
  #waiting = new Map();

  constructor() {
    const env = new MiniProgramEnv();
    this.#associated = env.associateBackend(new PhoneBackend());
    this.#space = env.createCodeSpace('main', true);
    const components = this.#space.getComponentSpace();
    components.updateComponentOptions({ writeIdToDOM: true });
    for (const [tag, definition] of defineBuiltins()) components.setGlobalUsingComponent(tag, definition);
    this.#space.setOverallBehavior(components.defineBehavior({ lifetimes: lifetimesOf() }));
    this.#formField = this.#space.behavior().definition(formField()).register();
    this.constructors = this.#constructors();
  }

  /** Tells the framework about every page and component of the bundle. */
  describe() {
    const { pages, components, styles } = program.description;
    for (const [path, unit] of Object.entries({ ...components, ...pages })) {
      const isPage = Object.hasOwn(pages, path);
      this.#space.addComponentStaticConfig(path, configOf(unit, isPage));
      const template = templateOf(path);
      if (template) this.#space.addCompiledTemplate(path, template);
      if (styles[path] && !isPage) this.#space.addStyleSheet(path, path, styles[path]);
    }
  }

  /** Runs the script of a page or component, and registers an empty one if it registers nothing. */
  load(path, modules) {
    this.#entry = path;
    try {
      if (modules.has(`${path}.js`)) modules.load(`${path}.js`);
    } finally {
      this.#entry = null;
      if (!this.#registered.has(path)) this.#register(path, (builder) => builder.definition({}));
    }
  }

  /** What is not loaded at the start is when it is first opened, with the components in it. */
  later(path, modules) {
    this.#waiting.set(path, modules);
  }

  #loadLate(path) {
    const modules = this.#waiting.get(path);
    if (!modules) return;
    this.#waiting.delete(path);
    const { components, generics = {} } = unitOf(path);
    for (const used of [...Object.values(components), ...Object.values(generics)]) this.#loadLate(used);
    guarded(() => this.load(path, modules));
  }

  /** @returns {any} a root of the framework: `get()` is `this` of the page */
  createPage(route) {
    return this.createPart('page', route);
  }

  /** The same for something that stands beside a page. */
  createPart(tag, path) {
    this.#loadLate(path);
    return this.#associated.createRoot(tag, this.#space, `/${path}`);
  }

  #constructors() {
    return {
      Page: (definition = {}) => this.#define('Page', (builder) => builder.pageDefinition(this.#adapted(definition))),
      Component: (definition) => {
        if (definition === undefined) return this.#space.component(this.#entry);
        return this.#define('Component', (builder) => builder.definition(this.#adapted(definition)));
      },
      Behavior: (definition = {}) => this.#space.behavior().definition(this.#adapted(definition)).register(),
    };
  }

  #define(name, build) {
    if (this.#entry === null || !unitOf(this.#entry)) {
      throw new Error(`${name} is called outside of a page's or component's file`);
    }
    return this.#register(this.#entry, build);
  }

  #register(path, build) {
    this.#registered.add(path);
    return build(this.#space.component(path)).register();
  }

  /** Built-in behaviors are named by text, which the adapter does not know. */
  #adapted(definition) {
    const behaviors = (definition.behaviors ?? []).flatMap((behavior) => {
      if (behavior === 'wx://form-field') return [this.#formField];
      return typeof behavior === 'string' && BUILT_IN_BEHAVIOR.test(behavior) ? [] : [behavior];
    });
    return tidied({ ...definition, ...(definition.behaviors && { behaviors }) });
  }
}

/** Paths are absolute in the description, and marked so for the framework. */
function configOf({ json, components, generics = {} }, isPage) {
  const absolute = (map) => Object.fromEntries(Object.entries(map).map(([tag, path]) => [tag, `/${path}`]));
  const config = { ...json, usingComponents: absolute(components), component: !isPage && json.component };
  // A page shares the style of the app, also when it is written as a component.
  if (isPage) config.styleIsolation = undefined;
  if (json.componentGenerics) {
    const defaults = absolute(generics);
    config.componentGenerics = Object.fromEntries(Object.keys(json.componentGenerics)
      .map((name) => [name, defaults[name] ? { default: defaults[name] } : true]));
  }
  return config;
}

/** Errors inside handlers and lifetimes reach us through the framework. */
export function onFrameworkError(listener) {
  glassEasel.addGlobalErrorListener((error) => {
    listener(error);
    return false;
  });
}
