/** Compiled templates, with what the framework leaves to us at the moment an element gets its attributes. */

import * as glassEasel from 'glass-easel';
import { callHandler } from './events.js';
import { program } from './registry.js';

const { Component } = glassEasel;
const adapted = new WeakSet();
const cache = new Map();

/** @param {string} path without suffix @returns {any} what the framework takes as a template */
export function templateOf(path) {
  const group = program.templates[path];
  if (!group) return undefined;
  if (!cache.has(path)) cache.set(path, wrap(group));
  // `bindinput` without a colon on a plain element is a listener only with this switch.
  return { groupList: program.templates, content: cache.get(path), fallbackListenerOnNativeNode: true };
}

function wrap(group) {
  return (name) => {
    const generate = group(name);
    return generate && ((wrapper, ...rest) => {
      if (!adapted.has(wrapper)) adapt(wrapper);
      return generate(wrapper, ...rest);
    });
  };
}

function adapt(wrapper) {
  adapted.add(wrapper);
  wrapper.setEventListenerWrapper(callHandler);
  const setProperty = wrapper.r;
  wrapper.r = (element, name, value, ...rest) => {
    if (!setHostAttribute(element, name, value)) setProperty(element, name, value, ...rest);
  };
  const listen = wrapper.v;
  wrapper.v = (element, type, handler, ...rest) => {
    warnIfMissing(element, type, handler);
    listen(element, type, handler, ...rest);
  };
}

/** `hidden` and `aria-…` belong to every tag, also to components that know nothing of them. */
function setHostAttribute(element, name, value) {
  const common = name === 'hidden' || name.startsWith('aria-');
  if (!common || !Component.isComponent(element) || Component.hasProperty(element, camel(name))) return false;
  const host = element.getBackendElement();
  const gone = value === false || value === undefined || value === null || (name === 'hidden' && !value);
  if (gone) host?.removeAttribute(name === 'aria-role' ? 'role' : name);
  else host?.setAttribute(name, value === true ? '' : String(value));
  return true;
}

function camel(name) {
  return name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
}

function warnIfMissing(element, type, handler) {
  if (typeof handler !== 'string' || handler === '') return;
  const host = element.ownerShadowRoot.getHostNode();
  if (Component.getMethod(host, handler)) return;
  console.warn(`Component "${host.is}" does not have a method "${handler}" to handle event "${type}".`);
}
