/** One phone: the device, the mini program in it, and the buttons beside it. */

import { call } from './api.js';
import { virtualNow } from './clock.js';
import { el, icon } from './dom.js';
import { complain } from './notice.js';
import { apply, prefs, word } from './prefs.js';
import { beijing } from './time.js';

const NETWORKS = ['online', 'slow', 'offline'];
/** Fen; null is always enough. One fen is too little for anything. */
const BALANCES = [[null, 'balanceEnough'], [1000, '¥10.00'], [1, '¥0.01']];
/** A page that logs in a loop must not fill the memory of its frame. */
const MAX_CONSOLE = 30;

/**
 * @param {string} user
 * @param {{ balance: number | null, host: Promise<any> }} options
 */
export function phone(user, { balance, host }) {
  const state = { life: 'running', network: 'online', errors: [], consoleOpen: false, page: null, ready: false };
  const parts = build(user, state, balance);
  const post = (message) => {
    const inside = parts.screen.querySelector('iframe')?.contentWindow;
    inside?.postMessage({ to: 'screen', ...message }, location.origin);
  };
  const acts = {
    // A screen that never came up does not listen.
    reload: () => {
      if (state.ready) post({ type: 'reload' });
      else parts.screen.querySelector('iframe')?.replaceWith(frame(user));
    },
    home: () => {
      post({ type: state.life === 'running' ? 'hide' : 'show' });
      enter(state.life === 'running' ? 'hidden' : 'running');
    },
    kill: () => {
      const gone = state.life === 'killed';
      if (gone) parts.screen.prepend(frame(user));
      else parts.screen.querySelector('iframe').remove();
      forget(state);
      enter(gone ? 'running' : 'killed');
    },
  };
  const draw = () => show(user, parts, state, acts);
  const enter = (life) => {
    state.life = life;
    draw();
  };
  wire(parts, state, acts, { user, post, draw });
  host.then(({ merchant_name: name }) => {
    parts.appName.textContent = name ?? '';
    parts.tile.textContent = [...(name ?? '茶')][0];
  });
  setInterval(() => tick(parts), 1000);
  draw();
  return {
    node: parts.node,
    post,
    owns: (source) => source === parts.screen.querySelector('iframe')?.contentWindow,
    setBalance: (fen) => {
      parts.balance.field.value = fen ?? '';
      draw();
    },
    receive: (message) => {
      receive(message, state, post, draw);
      // The round key of the capsule; on a phone it leads back to the chats.
      if (message.type === 'exit' && state.life === 'running') acts.home();
    },
    prefer: (what) => {
      post(what === 'theme' ? { type: 'theme', theme: prefs.theme } : { type: 'language', language: prefs.language });
      draw();
    },
  };
}

function frame(user) {
  return el('iframe', { src: `/phone/screen?user=${encodeURIComponent(user)}`, title: user, dataset: { user } });
}

function forget(state) {
  state.ready = false;
  state.errors = [];
  state.page = null;
  state.consoleOpen = false;
}

function build(user, state, balance) {
  const parts = {
    time: el('span', { class: 'home-time' }), date: el('span', { class: 'home-date' }),
    tile: el('span', { class: 'home-tile', 'aria-hidden': 'true' }), appName: el('span'),
    hint: el('p', { class: 'home-hint' }),
    reload: railButton('reload'), home: railButton('home'), kill: railButton('kill'),
    network: select('network', NETWORKS.map((mode) => [mode, mode])),
    balance: select('balance', balances(balance)),
    route: el('span', { class: 'caption-route' }), stack: el('span'),
    errors: el('button', { type: 'button', hidden: true }),
    console: el('ul', { class: 'console', hidden: true }),
  };
  parts.open = el('button', { type: 'button', class: 'home-app' }, parts.tile, parts.appName);
  parts.homeScreen = el('div', { class: 'home', hidden: true },
    parts.date, parts.time, parts.hint, parts.open);
  parts.screen = el('div', { class: 'screen' },
    frame(user), parts.homeScreen, parts.console, decoration('island'));
  parts.node = el('article', { class: 'phone', dataset: { phone: user } },
    el('div', { class: 'phone-body' },
      el('div', { class: 'device-room' }, device(parts.screen)),
      el('div', { class: 'caption' }, parts.route, parts.stack, parts.errors)),
    rail(parts));
  return parts;
}

function device(screen) {
  const keys = ['action', 'up', 'down', 'power'].map((key) => decoration(`device-key ${key}`));
  return el('div', { class: 'device' }, ...keys, screen);
}

function decoration(name) {
  return el('span', { class: name, 'aria-hidden': 'true' });
}

function rail({ reload, home, kill, network, balance }) {
  return el('div', { class: 'rail' },
    reload.node, home.node, kill.node, el('hr', { class: 'rail-rule' }), network.node, balance.node);
}

function railButton(name) {
  const label = el('span');
  const picture = el('span');
  const properties = { type: 'button', class: 'rail-button', dataset: { act: name } };
  return { node: el('button', properties, picture, label), label, picture };
}

function select(name, options) {
  const option = ([value, key]) => el('option', {
    value: value ?? '', dataset: key.startsWith('¥') ? {} : { word: key },
  }, key);
  const field = el('select', { dataset: { control: name } }, ...options.map(option));
  const label = el('span', { dataset: { word: name } });
  return { node: el('label', { class: 'rail-field' }, label, field), field };
}

/** A balance that somebody set by hand is one of the choices, too. */
function balances(current) {
  const known = BALANCES.some(([fen]) => fen === current);
  return known ? BALANCES : [...BALANCES, [current, `¥${(current / 100).toFixed(2)}`]];
}

function wire(parts, state, acts, { user, post, draw }) {
  for (const name of ['reload', 'home', 'kill']) parts[name].node.addEventListener('click', () => acts[name]());
  parts.open.addEventListener('click', () => (state.life === 'killed' ? acts.kill() : acts.home()));
  parts.network.field.addEventListener('change', () => {
    state.network = parts.network.field.value;
    post({ type: 'network', mode: state.network });
    draw();
  });
  parts.balance.field.addEventListener('change', () => {
    const value = parts.balance.field.value;
    call('PUT', `/control/users/${encodeURIComponent(user)}`, { balance_fen: value === '' ? null : Number(value) })
      .then(draw, complain);
  });
  parts.errors.addEventListener('click', () => {
    state.consoleOpen = !state.consoleOpen;
    draw();
  });
}

function receive(message, state, post, draw) {
  if (message.type === 'ready') {
    forget(state);
    state.ready = true;
    post({ type: 'network', mode: state.network });
    post({ type: 'theme', theme: prefs.theme });
    post({ type: 'language', language: prefs.language });
    if (state.life === 'hidden') post({ type: 'hide' });
  }
  if (message.type === 'page') state.page = message;
  if (message.type === 'console' && message.level === 'error') {
    state.errors = [...state.errors, String(message.text)].slice(-MAX_CONSOLE);
  }
  draw();
}

function show(user, parts, state) {
  apply(parts.node);
  parts.node.setAttribute('aria-label', word('buyerOf', { user }));
  const away = state.life !== 'running';
  parts.homeScreen.hidden = !away;
  const page = parts.screen.querySelector('iframe');
  if (page) page.inert = away;
  parts.hint.textContent = word(state.life === 'killed' ? 'homeEmpty' : 'homeBackground');
  const killed = state.life === 'killed';
  label(parts.reload, 'reload', 'reload', killed);
  label(parts.home, away ? 'back' : 'home', away ? 'open' : 'home', killed);
  label(parts.kill, killed ? 'launch' : 'kill', killed ? 'open' : 'power', false);
  parts.network.node.classList.toggle('alert', state.network !== 'online');
  parts.balance.node.classList.toggle('alert', parts.balance.field.value !== '');
  parts.route.textContent = away ? '' : (state.page?.route ?? '');
  const deep = !away && state.page?.stack > 1;
  parts.stack.textContent = deep ? word('stackOf', { n: state.page.stack }) : '';
  parts.errors.hidden = state.errors.length === 0;
  const key = state.consoleOpen ? 'consoleClose' : 'consoleErrors';
  parts.errors.textContent = word(key, { n: state.errors.length });
  parts.console.hidden = !state.consoleOpen || state.errors.length === 0;
  parts.console.replaceChildren(...state.errors.map((text) => el('li', {}, text)));
  tick(parts);
}

function label({ node, label: text, picture }, key, picked, disabled) {
  text.textContent = word(key);
  node.title = word(`${key}Hint`);
  node.disabled = disabled;
  picture.replaceChildren(icon(picked));
}

function tick(parts) {
  const now = beijing(virtualNow());
  parts.date.textContent = now.date;
  parts.time.textContent = now.time.slice(0, 5);
}
