/** Where files and pictures of the mini program are fetched from. */

const FILES = '/phone/app/files/';

/** A picture of another host comes through the sandbox's gate, like every request. */
export function remoteImage(address) {
  return `/phone/api/image?url=${encodeURIComponent(address)}`;
}

/** @param {string} source as written in a template @param {string} owner path of the page or component */
export function imageAddress(source, owner) {
  if (!source) return '';
  if (/^data:image\//i.test(source)) return source;
  if (/^https?:\/\//i.test(source)) return remoteImage(source);
  return FILES + resolve(source, owner).split('/').map(encodeURIComponent).join('/');
}

/** @param {string} path absolute, or relative to the folder of `owner` @returns {string} without leading slash */
export function resolve(path, owner) {
  const parts = path.startsWith('/') ? [] : owner.split('/').slice(0, -1);
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/**
 * `pages/a?b=c%20d` in its parts. Values stay as they are written, as on a phone.
 *
 * @param {string} url
 * @param {string} from the route of the page that asks
 * @returns {{ route: string, query: Record<string, string> }}
 */
export function parseUrl(url, from) {
  const [path, search = ''] = url.split(/\?(.*)/s);
  const query = {};
  for (const pair of search.split('&').filter(Boolean)) {
    const [name, value = ''] = pair.split(/=(.*)/s);
    query[name] = value;
  }
  return { route: resolve(path, from), query };
}
