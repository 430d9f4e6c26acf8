/** The heads of the three lifelines. They stay in sight while the story scrolls. */

import { el, icon } from '../frame/dom.js';
import { prefs, word } from '../frame/prefs.js';

const LANES = [
  ['phone', 'lanePhone', 'lanePhoneSub'],
  ['server', 'laneServer', 'laneServerSub'],
  ['platform', 'lanePlatform', 'lanePlatformSub'],
];

/** @param {HTMLElement} place */
export function lanes(place) {
  if (place.dataset.language === prefs.language) return;
  place.dataset.language = prefs.language;
  place.replaceChildren(...LANES.map(([lane, name, sub]) => el('div', { class: `lane lane-${lane}` },
    el('span', { class: 'lane-icon' }, icon(lane)),
    el('span', { class: 'lane-words' },
      el('span', { class: 'lane-name' }, word(name)),
      el('span', { class: 'lane-sub' }, word(sub))))));
}
