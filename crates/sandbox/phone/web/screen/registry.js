/** What the bundle brings: modules, templates, and the description of the mini program. */

/**
 * @typedef {object} Unit
 * @property {Record<string, any>} json
 * @property {Record<string, string>} components tag to path
 * @property {Record<string, string>} [generics] generic to its default
 */

export const program = {
  /** @type {Map<string, Function>} */
  modules: new Map(),
  /** @type {Record<string, (name: string) => Function>} */
  templates: {},
  /**
   * @type {{ app: any, theme: any, pages: Record<string, Unit>,
   *   components: Record<string, Unit>, styles: Record<string, string>,
   *   lines: [string, number][], issues: any[] } | null}
   */
  description: null,
};

/** Must be called before the bundle's script is loaded. */
export function acceptBundle() {
  window.miniProgram = Object.freeze({
    module: (path, factory) => program.modules.set(path, factory),
    templates: (groups) => {
      program.templates = groups;
    },
    describe: (description) => {
      program.description = description;
    },
  });
}

/** @param {string} path without suffix @returns {Unit | undefined} */
export function unitOf(path) {
  return program.description?.pages[path] ?? program.description?.components[path];
}
