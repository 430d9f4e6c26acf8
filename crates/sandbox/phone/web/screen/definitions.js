/** Definitions of components as people write them, in the stricter form that the framework takes. */

const TYPES = new Set([String, Number, Boolean, Object, Array, Function, null, undefined]);

/** @param {Record<string, any>} definition of a component, a page or a behavior */
export function tidied(definition) {
  const { properties } = definition;
  if (!properties || typeof properties !== 'object') return definition;
  const tidy = Object.entries(properties).map(([name, property]) => [name, tidiedProperty(property)]);
  return { ...definition, properties: Object.fromEntries(tidy) };
}

function tidiedProperty(property) {
  if (TYPES.has(property)) return property;
  if (Array.isArray(property) || typeof property !== 'object') return typed(property);
  const others = property.optionalTypes?.filter((type) => TYPES.has(type));
  return { ...property, ...(others && { optionalTypes: others }), ...typed(property.type), ...observed(property.observer) };
}

/** Several types are one with more besides; what is no type is any. */
function typed(type) {
  if (Array.isArray(type)) {
    const [first = null, ...others] = type.filter((one) => TYPES.has(one));
    return { type: first, optionalTypes: others };
  }
  return { type: TYPES.has(type) ? type : null };
}

/** A method that is named here need not be there before somebody calls it. */
function observed(observer) {
  if (typeof observer !== 'string') return {};
  return {
    observer(...values) {
      if (typeof this[observer] === 'function') this[observer](...values);
    },
  };
}
