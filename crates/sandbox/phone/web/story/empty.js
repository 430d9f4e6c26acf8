/** Before anything has happened: what will happen. The whole protocol, faintly, in its steps. */

import { el, icon } from '../frame/dom.js';
import { prefs, said } from '../frame/prefs.js';
import { PAGES } from './pages.js';
import { STEPS, TEXTS } from './protocol.js';

/**
 * @param {HTMLElement} place
 * @param {boolean} shown
 * @param {boolean} first nothing has happened yet
 */
export function emptyStory(place, shown, first) {
  place.hidden = !shown;
  const print = `${prefs.language} ${first}`;
  if ((place.dataset.print ?? '') === (shown ? print : '')) return;
  place.dataset.print = shown ? print : '';
  place.replaceChildren();
  if (!shown) return;
  place.append(
    el('div', { class: 'invitation' },
      el('h3', {}, said(first ? TEXTS.invite : TEXTS.map)),
      el('p', {}, said(first ? TEXTS.inviteMore : TEXTS.mapMore))),
    el('ol', { class: 'protocol' }, ...STEPS.map(step)),
    el('p', { class: 'moral' }, said(TEXTS.moral)),
  );
}

function step(one, index) {
  const link = one.page && el('a', { class: 'step-link', href: PAGES[one.page], target: '_blank', rel: 'noreferrer noopener' }, said(TEXTS.page), icon('link'));
  return el('li', { class: `entry step kind-${one.kind ?? 'api'} from-${one.from} to-${one.to}` },
    el('div', { class: 'row' },
      el('span', { class: 'when' }, el('span', { class: 'step-number' }, String(index + 1))),
      el('div', { class: 'span' },
        el('span', { class: 'title' }, said(one.title)),
        one.from !== one.to && el('span', { class: 'arrow there', 'aria-hidden': 'true' }),
        el('div', { class: 'text' }, el('span', { class: 'says' }, said(one.says), ' ', link)))));
}
