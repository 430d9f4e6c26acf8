/** `<rich-text>`: nodes or a piece of HTML, of which only known tags and attributes become elements. */

import { el } from '../dom.js';
import { remoteImage } from '../paths.js';
import { convertLengths } from '../units.js';
import { define, scopedClasses } from './define.js';

/** Source: developers.weixin.qq.com/miniprogram/dev/component/rich-text.html */
const TAGS = new Set(('a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup '
  + 'dd del div dl dt em fieldset font footer h1 h2 h3 h4 h5 h6 header hr i img ins label legend li mark nav ol p pre '
  + 'q rt ruby s section small span strong sub sup table tbody td tfoot th thead tr tt u ul').split(' '));
/** Besides `class` and `style`. */
const ATTRIBUTES = {
  col: ['span', 'width'], colgroup: ['span', 'width'], img: ['alt', 'height', 'width'], ol: ['start', 'type'],
  table: ['width'], td: ['colspan', 'height', 'rowspan', 'width'], th: ['colspan', 'height', 'rowspan', 'width'],
};
/** Deeper than any article; whoever nests more sees no more. */
const MAX_DEPTH = 64;

export function richTextTag() {
  return define('rich-text', {
    properties: { nodes: { type: null, value: [] }, space: String, mode: String, userSelect: Boolean },
    observers: {
      'nodes, space': function fill(nodes, space) {
        const list = typeof nodes === 'string' ? parsed(nodes) : nodes;
        this.place.dataset.space = space;
        this.place.replaceChildren(...elements(list, (names) => scopedClasses(this, names), 0));
      },
    },
    created(host) {
      this.place = el('div', { class: 'phone-rich' });
      host.append(this.place);
    },
  });
}

function elements(list, classes, depth) {
  if (!Array.isArray(list) || depth > MAX_DEPTH) return [];
  return list.map((node) => element(node, classes, depth)).filter(Boolean);
}

function element(node, classes, depth) {
  if (node?.type === 'text') return document.createTextNode(decoded(String(node.text ?? '')));
  const tag = String(node?.name ?? '').toLowerCase();
  if (!TAGS.has(tag)) return null;
  const attrs = node.attrs ?? {};
  const style = convertLengths(String(attrs.style ?? ''));
  const made = el(tag, { class: classes(attrs.class).join(' ') || null, style });
  for (const name of ATTRIBUTES[tag] ?? []) {
    if (attrs[name] !== undefined) made.setAttribute(name, String(attrs[name]));
  }
  if (tag === 'img') made.src = pictureOf(String(attrs.src ?? ''));
  made.append(...elements(node.children, classes, depth + 1));
  return made;
}

/** Pictures of the network only, through the gate, as everywhere. */
function pictureOf(source) {
  if (/^data:image\//i.test(source)) return source;
  const address = source.startsWith('//') ? `https:${source}` : source;
  return /^https?:\/\//i.test(address) ? remoteImage(address) : 'data:,';
}

/** A document that is never shown: nothing in it runs or loads. */
function parsed(html) {
  return nodesOf(new DOMParser().parseFromString(withoutHandlers(html), 'text/html').body, 0);
}

/** Handlers would be dropped below in any case; Chromium complains of them while it reads. */
function withoutHandlers(html) {
  const renamed = (tag) => tag.replace(/([\s"'/])on[a-z]+(?=\s*=)/gi, '$1data-off');
  return html.replace(/<[^>]*>/g, renamed);
}

function nodesOf(parent, depth) {
  if (depth > MAX_DEPTH) return [];
  return [...parent.childNodes].map((child) => {
    if (child.nodeType === Node.TEXT_NODE) return { type: 'text', text: child.data.replaceAll('&', '&amp;') };
    if (child.nodeType !== Node.ELEMENT_NODE) return null;
    const attrs = Object.fromEntries([...child.attributes].map(({ name, value }) => [name, value]));
    return { name: child.localName, attrs, children: nodesOf(child, depth + 1) };
  });
}

/** `&nbsp;` and the like in a text node. */
function decoded(text) {
  if (!text.includes('&')) return text;
  const area = document.createElement('textarea');
  area.innerHTML = text;
  return area.value;
}
