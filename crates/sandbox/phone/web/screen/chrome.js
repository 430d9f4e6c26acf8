/** What a phone shows around a page: status bar, navigation bar, capsule. */

import { device, onDevice } from './device.js';
import { button, drawing, el } from './dom.js';
import { framed, tellFrame } from './frame.js';
import { tabs } from './tabs/tabs.js';
import { word } from './words.js';

/** The capsule of the phone that we draw, in CSS pixels; mini programs with an own bar ask for it. */
export const METRICS = Object.freeze({
  statusBarHeight: 47, navBarHeight: 44, homeBarHeight: 34,
  /** Below, the home bar's room is part of it. */
  tabBarHeight: Object.freeze({ bottom: 84, top: 44 }),
  capsule: Object.freeze({ width: 87, height: 32, top: 51, right: 7 }),
});
const BACK = 'M15 4.5 7.5 12l7.5 7.5';
const HOUSE = 'M4.5 11 12 4.5 19.5 11M6.5 9.6V19.5h11V9.6M10 19.5v-5h4v5';

/**
 * @param {HTMLElement} place
 * @param {import('./router.js').Router} router
 * @param {{ menu: () => void, home: () => void, back: () => void }} acts
 */
export function chrome(place, router, acts) {
  const parts = build(place, acts);
  const draw = () => router.top && show(place, parts, router);
  router.changes.on(draw);
  for (const what of ['theme', 'language', 'network']) onDevice(what, draw);
  setInterval(() => tick(parts.time), 1000);
  tick(parts.time);
  return draw;
}

function build(place, acts) {
  const parts = {
    time: el('span', { class: 'clock' }),
    signals: el('span', { class: 'signals' }),
    back: button({ class: 'bar-button', onclick: acts.back }, drawing(BACK)),
    home: button({ class: 'bar-button', onclick: acts.home }, drawing(HOUSE)),
    spinner: el('span', { class: 'bar-spinner', hidden: true }),
    title: el('h1', { class: 'bar-title' }),
    menu: button({ class: 'capsule-button', onclick: acts.menu }, dots()),
    exit: button({ class: 'capsule-button', disabled: !framed, onclick: () => tellFrame('exit') }, ring()),
  };
  place.replaceChildren(
    el('div', { class: 'status-bar' }, parts.time, parts.signals),
    el('div', { class: 'nav-bar' },
      parts.back, parts.home, el('div', { class: 'bar-middle' }, parts.spinner, parts.title)),
    el('div', { class: 'capsule' }, parts.menu, el('i'), parts.exit),
  );
  return parts;
}

function show(place, parts, router) {
  const { top, stack } = router;
  const { settings } = top;
  const own = settings.navigationStyle === 'custom';
  const white = settings.navigationBarTextStyle !== 'black';
  place.classList.toggle('own', own);
  place.classList.toggle('white', white);
  place.style.setProperty('--phone-bar', own ? 'transparent' : settings.navigationBarBackgroundColor ?? '#000000');
  parts.title.textContent = top.title;
  parts.spinner.hidden = !top.navLoading;
  parts.back.hidden = own || stack.length < 2;
  // As on a phone: whoever lands somewhere else than on the first page gets a way home.
  parts.home.hidden = own || stack.length > 1 || top.route === router.home || tabs.has(top.route);
  document.title = top.title;
  label(parts);
  signals(parts.signals);
  top.window.classList.toggle('own-bar', own);
  top.window.style.setProperty('--phone-under', settings.backgroundColor ?? '#ffffff');
  document.documentElement.lang = device.language === 'zh' ? 'zh-CN' : 'en';
}

function label({ back, home, menu, exit }) {
  for (const [node, key] of [[back, 'back'], [home, 'home'], [menu, 'menu'], [exit, 'exit']]) {
    node.setAttribute('aria-label', word(key));
  }
}

function signals(place) {
  const { network } = device;
  const text = network === 'online' ? '' : word(network);
  place.replaceChildren(
    el('span', { class: 'network-note' }, text),
    el('i', { class: `bars ${network}`, 'aria-hidden': 'true' }, el('b'), el('b'), el('b'), el('b')),
    el('i', { class: 'battery', 'aria-hidden': 'true' }, el('b')),
  );
}

function dots() {
  return el('span', { class: 'capsule-dots', 'aria-hidden': 'true' }, el('b'), el('b'), el('b'));
}

function ring() {
  return el('span', { class: 'capsule-ring', 'aria-hidden': 'true' });
}

/** Beijing time, like everything at the platform; the virtual clock is shown by the frame. */
const CLOCK = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai', hour: 'numeric', minute: '2-digit', hour12: false,
});

function tick(place) {
  place.textContent = CLOCK.format(new Date());
}
