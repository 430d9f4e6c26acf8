/** Before the first order: an invitation, and faintly the steps that are still to come. */

import { el, icon } from '../frame/dom.js';
import { prefs, said } from '../frame/prefs.js';
import { PAGES } from './pages.js';
import { STEPS, TEXTS } from './protocol.js';

/**
 * @param {{ invitation: HTMLElement, rest: HTMLElement }} place
 * @param {ReturnType<typeof import('./guide.js').guideFor>} guide
 */
export function drawGuide({ invitation, rest }, { mode, skip }) {
  const shown = mode !== 'none';
  const print = shown ? `${prefs.language} ${mode} ${skip}` : '';
  invitation.hidden = !shown;
  rest.hidden = !shown;
  if ((rest.dataset.print ?? '') === print) return;
  rest.dataset.print = print;
  invitation.replaceChildren();
  rest.replaceChildren();
  if (!shown) return;
  const [head, more] = mode === 'map' ? [TEXTS.map, TEXTS.mapMore] : [TEXTS.invite, TEXTS.inviteMore];
  invitation.append(el('h3', {}, said(head)), el('p', {}, said(more)));
  rest.append(
    el('ol', { class: 'protocol' }, ...STEPS.map(step).slice(skip)),
    el('p', { class: 'moral' }, said(TEXTS.moral)),
  );
}

function step(one, index) {
  const link = one.page && el('a', {
    class: 'step-link', href: PAGES[one.page], target: '_blank', rel: 'noreferrer noopener',
  }, said(TEXTS.page), icon('link'));
  return el('li', { class: `entry step kind-${one.kind ?? 'api'} from-${one.from} to-${one.to}` },
    el('div', { class: 'row' },
      el('span', { class: 'when' }, el('span', { class: 'step-number' }, String(index + 1))),
      el('div', { class: 'span' },
        el('span', { class: 'title' }, said(one.title)),
        one.from !== one.to && el('span', { class: 'arrow there', 'aria-hidden': 'true' }),
        el('div', { class: 'text' }, el('span', { class: 'says' }, said(one.says), ' ', link)))));
}
