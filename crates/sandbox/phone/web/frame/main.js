/** Puts the page together. */

import { buyers } from './buyers.js';
import { clock } from './clock.js';
import { call } from './api.js';
import { el, icon } from './dom.js';
import { connect, onLive } from './live.js';
import { complain, notice } from './notice.js';
import { phones } from './phones.js';
import { apply, onPreference, prefs, setLanguage, setTheme, word } from './prefs.js';
import { switches } from './switches.js';
import { story } from '../story/view.js';

function at(id) {
  return document.getElementById(id);
}

function choice(name, options, chosen, choose) {
  const buttons = options.map(([value, content, label]) => el('button', {
    type: 'button', 'aria-pressed': String(value === chosen()),
    dataset: { value, ...(label && { name: label }) }, onclick: () => choose(value),
  }, content));
  onPreference(() => {
    for (const button of buttons) {
      button.setAttribute('aria-pressed', String(button.dataset.value === chosen()));
    }
  });
  return el('div', { class: 'choice', role: 'group', dataset: { name } }, ...buttons);
}

function preferences(place) {
  place.replaceChildren(
    choice('language', [['zh', '中文'], ['en', 'EN']], () => prefs.language, setLanguage),
    choice('theme', [
      ['system', icon('half'), 'themeSystem'],
      ['light', icon('sun'), 'themeLight'],
      ['dark', icon('moon'), 'themeDark'],
    ], () => prefs.theme, setTheme),
  );
}

/** The name of the shop, for the icon on the home screen; the page works without it. */
async function host() {
  try {
    return await call('GET', '/phone/api/host');
  } catch (error) {
    complain(error);
    return {};
  }
}

async function start() {
  preferences(at('preferences'));
  apply();
  onPreference(() => apply());
  const shelf = phones(at('phones'), host());
  story({
    list: at('story'), lanes: at('lanes'), invitation: at('invitation'), rest: at('rest'), orders: at('orders'),
    scroller: at('scroller'), fresh: at('fresh'), older: at('older'),
  });
  onLive('reload', () => {
    shelf.reload();
    notice(word('appReloaded'));
  });
  const parts = [buyers(at('buyers'), shelf), clock(at('clock')), switches(at('switches')), connect()];
  for (const part of parts) part.catch(complain);
}

start();
