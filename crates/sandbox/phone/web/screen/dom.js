/** Making elements. Inline style attributes are forbidden by our policy; `style` goes through the object model. */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `on…` are listeners, `style` is CSS text
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  dress(node, attributes);
  node.append(...children.filter((child) => child || child === ''));
  return node;
}

function dress(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'style') node.style.cssText = value;
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
}

/** A real button, which keyboards and screen readers know. */
export function button(attributes, ...children) {
  return el('button', { type: 'button', ...attributes }, ...children);
}

/**
 * A picture of strokes in a square of 24.
 *
 * @param {string} path
 * @param {Record<string, any>} [attributes]
 */
export function drawing(path, attributes = {}) {
  const svg = document.createElementNS(SVG, 'svg');
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  dress(svg, { viewBox: '0 0 24 24', 'aria-hidden': 'true', class: 'phone-drawing', ...attributes });
  return svg;
}
