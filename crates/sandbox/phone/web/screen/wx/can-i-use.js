/** `wx.canIUse`: of functions, of tags, and of the few values that templates ask for. */

import { defineBuiltins } from '../builtins/index.js';
import { ANSWERS } from '../builtins/open-types.js';

const PLAIN = ['view', 'text', 'block', 'slot', 'template', 'wxs'];
const FIELD_TYPES = new Set(['text', 'number', 'idcard', 'digit', 'nickname', 'tel']);

/** @param {Set<string>} functions */
export function canIUse(functions) {
  const tags = new Set([...PLAIN, ...defineBuiltins().map(([tag]) => tag)]);
  return (schema) => {
    const [name, attribute, value] = String(schema).split('.');
    if (functions.has(name) || name === 'canIUse') return true;
    if (!tags.has(name)) return false;
    if (name === 'button' && attribute === 'open-type' && value) return Object.hasOwn(ANSWERS, value);
    if (name === 'input' && attribute === 'type' && value) return FIELD_TYPES.has(value);
    return true;
  };
}
