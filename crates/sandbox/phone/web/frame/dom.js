/**
 * Small helpers for building the page. All text goes in as text nodes, so nothing that came over
 * the wire can become markup.
 */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Makes an element. Properties that begin with `on` are listeners, `dataset` is an object,
 * everything else is an attribute; `null`, `undefined` and `false` leave it out.
 *
 * @param {string} name
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {any}
 */
export function el(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key === 'dataset') Object.assign(node.dataset, value);
    else node.setAttribute(key, value === true ? '' : String(value));
  }
  for (const child of children) if (child) node.append(child);
  return node;
}

/** Strokes on a 16 px grid; one path each keeps them as light as text. */
const PATHS = {
  reload: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3',
  home: 'M2.5 7.5 8 3l5.5 4.5M4 6.5V13h3v-3.5h2V13h3V6.5',
  power: 'M8 2.5v5M5 4.6a5 5 0 1 0 6 0',
  open: 'M5 3.5v9l7-4.5z',
  plus: 'M8 3.5v9M3.5 8h9',
  close: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  check: 'M3.5 8.5l3 3 6-7',
  down: 'M8 3v9.5M4 8.5l4 4 4-4',
  copy: 'M6 6h7v7H6zM10 6V3H3v7h3',
  link: 'M7 4H4v8h8V9M9 3h4v4M13 3 7.5 8.5',
  lose: 'M2.5 4.5h11v8h-11zM2.5 5l5.5 4.2L13.5 5M3 14 13 2',
  delay: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 5v3.2l2.2 1.6',
  bolt: 'M8.8 2 4 9h3.4L6.8 14 12 6.8H8.5z',
  shut: 'M3 3.5h10v4H3zM3 8.5h10v4H3zM5 5.5h.1M5 10.5h.1M2 14.5 14 1.5',
  broom: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  phone: 'M5 1.8h6a1 1 0 0 1 1 1v10.4a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V2.8a1 1 0 0 1 1-1M7 12.2h2',
  server: 'M2.8 3h10.4v4H2.8zM2.8 9h10.4v4H2.8zM5 5h.1M5 11h.1M8 5h3M8 11h3',
  platform: 'M8 1.8 13 3.5v4.2c0 3-2.1 5.2-5 6.5-2.9-1.3-5-3.5-5-6.5V3.5zM5.8 7.8l1.6 1.7 2.9-3.2',
  lock: 'M4 7.5h8v6H4zM5.5 7.5V5.3a2.5 2.5 0 0 1 5 0v2.2M8 10v1.3',
  unlock: 'M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 4.8-1M8 10v1.3',
  warn: 'M8 2.5 14 13H2zM8 6.5v3M8 11.3v.1',
  globe: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M2 8h12M8 2c2 1.7 2.7 3.7 2.7 6S10 12.3 8 14M8 2C6 3.7 5.3 5.7 5.3 8S6 12.3 8 14',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  moon: 'M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z',
  half: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11',
  map: 'M3 2v12M8 2v12M13 2v12M3 5.5h4M8 9h4',
};

/**
 * A line icon, hidden from assistive technology: the button around it has the name.
 *
 * @param {keyof typeof PATHS} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

let lastId = 0;

/** An id for `aria-controls` and `for`. */
export function freshId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}
