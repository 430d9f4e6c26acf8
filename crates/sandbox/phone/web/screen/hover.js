/** `hover-class`: how a thing looks while a finger is on it. */

import { nodeAt } from './backend.js';

/** WeChat's own times; too short to be seen on a scroll, long enough to be seen on a tap. */
const START_MS = 20;
const STAY_MS = 70;

let hovered = null;
let timer = null;

export function startHover(target) {
  endHover();
  const found = hoverable(nodeAt(target));
  if (!found) return;
  timer = setTimeout(() => {
    hovered = found;
    toggle(found, true);
  }, START_MS);
}

export function endHover() {
  clearTimeout(timer);
  const leaving = hovered;
  hovered = null;
  if (leaving) setTimeout(() => toggle(leaving, false), STAY_MS);
}

/** Classes carry the prefix of their component; for the default ones the style sheet needs a plain name. */
function toggle({ node, name }, on) {
  node.toggleNodeClass(name, on);
  const element = node.getBackendElement();
  if (on) element?.setAttribute('data-hover', name);
  else element?.removeAttribute('data-hover');
}

/** The nearest element around that has a class for it. */
function hoverable(start) {
  for (let node = start; node; node = parent(node)) {
    const name = node.hoverClass?.() ?? node.getAttribute?.('hover-class');
    if (name && name !== 'none') return { node, name };
    if (name === 'none') return null;
  }
  return null;
}

function parent(node) {
  return node.parentNode ?? node.getHostNode?.() ?? null;
}
