/** What the component framework builds on: the browser's document, made to behave like a phone's. */

import * as glassEasel from 'glass-easel';
import { convertLengths } from './units.js';

/** The one tag of HTML that may be a host itself: a real button is known to keyboards and readers. */
const KEPT = new Set(['button']);
const natives = new Map();

export class PhoneBackend extends glassEasel.CurrentWindowBackendContext {
  document = {
    createElement: (tag) => dressed(document.createElement(hostTag(tag))),
    createTextNode: (text) => document.createTextNode(text),
    createDocumentFragment: () => document.createDocumentFragment(),
  };

  /** All style is in one sheet that is linked once. */
  appendStyleSheetPath() {
    return 0;
  }

  /** Events come from our own gestures; what the browser raises inside a built-in stays there. */
  onEvent() {}

  setListenerStats() {}

  /** Frames are not drawn in a phone that nobody looks at, but its code must go on. */
  render(done) {
    setTimeout(() => done(null), 0);
  }
}

/** A real `<input>`, `<form>` or `<script>` would act on its own, so known tags of HTML get a prefix. */
function hostTag(tag) {
  if (tag.includes('-') || KEPT.has(tag)) return tag;
  if (!natives.has(tag)) natives.set(tag, !(document.createElement(tag) instanceof HTMLUnknownElement));
  return natives.get(tag) ? `wx-${tag}` : tag;
}

function dressed(element) {
  element.setAttribute = setAttribute;
  Object.defineProperty(element, 'id', ID);
  return element;
}

/** Ids carry a prefix per component, so that they are unique; for `#id` rules they must not. */
const ID = {
  configurable: true,
  get() {
    return this.getAttribute('id') ?? '';
  },
  set(value) {
    const cut = value.indexOf('--');
    Element.prototype.setAttribute.call(this, 'id', cut < 0 ? value : value.slice(cut + 2));
  },
};

function setAttribute(name, value) {
  if (name === 'style') {
    this.templateStyle = convertLengths(String(value));
    this.style.cssText = this.templateStyle + (this.ownStyle ?? '');
  } else if (name === 'aria-role') setRole(this, String(value));
  else Element.prototype.setAttribute.call(this, name, value);
}

/** What can be tapped can be reached by keyboard. */
function setRole(element, role) {
  Element.prototype.setAttribute.call(element, 'role', role);
  if (['button', 'link', 'tab', 'checkbox', 'radio', 'switch'].includes(role)) element.tabIndex = 0;
}

/** Style that a built-in gives its own host, beside what the template says. */
export function setOwnStyle(element, css) {
  element.ownStyle = `;${css}`;
  element.style.cssText = (element.templateStyle ?? '') + element.ownStyle;
}

/** The framework's node of a DOM node, or of the nearest one around it. */
export function nodeAt(target) {
  let element = target;
  while (element && !element.__wxElement) element = element.parentNode;
  return element?.__wxElement ?? null;
}
