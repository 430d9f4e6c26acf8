/** How built-in tags are made: framework components without a template, whose inside is plain DOM. */

import * as glassEasel from 'glass-easel';

const space = new glassEasel.ComponentSpace();

/**
 * @param {string} tag
 * @param {object} parts
 * @param {Record<string, any>} [parts.properties]
 * @param {Record<string, Function>} [parts.observers] called with the new value, `this` is the component
 * @param {(this: any, host: HTMLElement) => void} [parts.created] puts the inside before any slot content
 * @param {Function} [parts.attached]
 * @param {Function} [parts.detached]
 * @param {Record<string, Function>} [parts.methods]
 */
export function define(tag, { properties = {}, observers = {}, created, attached, detached, methods = {} }) {
  return space.defineComponent({
    is: tag,
    properties,
    observers,
    methods,
    lifetimes: {
      created() {
        created?.call(this, this.getBackendElement());
      },
      ...(attached && { attached }),
      ...(detached && { detached }),
    },
  });
}

/** The page or component in whose template this tag stands. */
export function ownerOf(component) {
  return component.ownerShadowRoot?.getHostNode();
}

/** Classes that a template names in an attribute, as they are called in the one style sheet. */
export function scopedClasses(component, names) {
  const owner = ownerOf(component);
  const options = owner.getComponentOptions();
  const manager = owner.getRootBehavior().ownerSpace.styleScopeManager;
  const prefixes = [options.styleScope, options.extraStyleScope]
    .filter((scope) => scope !== null && scope !== undefined)
    .map((scope) => manager.queryName(scope));
  return String(names ?? '').split(/\s+/).filter(Boolean)
    .flatMap((name) => prefixes.map((prefix) => (prefix ? `${prefix}--${name}` : name)));
}

/** `#id` of a built-in inside the same template. */
export function siblingById(component, id) {
  return component.ownerShadowRoot?.getElementById(id) ?? null;
}

/** The component of the nearest host around it with this tag. */
export function around(component, hostTag) {
  return component.getBackendElement()?.parentElement?.closest(hostTag)?.__wxElement ?? null;
}
