/** The row of buyers: each chip is a person with a phone of their own. */

import { call } from './api.js';
import { el, icon } from './dom.js';
import { onLive } from './live.js';
import { complain, notice } from './notice.js';
import { apply, onPreference, word } from './prefs.js';

/** Names for people who are added; when they run out, the sandbox numbers them. */
const NAMES = ['lin', 'mei', 'yun', 'qing', 'an'];
/** A load test leaves thousands of users; a row of chips is for the first few. */
const SHOWN_BUYERS = 8;
const TONES = 5;

/**
 * @param {HTMLElement} place
 * @param {ReturnType<import('./phones.js').phones>} phones
 */
export async function buyers(place, phones) {
  let people = await list();
  const draw = () => place.replaceChildren(...chips(people, phones, add));
  const add = async () => {
    const name = NAMES.find((one) => !people.some(({ user }) => user === one));
    try {
      const { user } = await call('POST', '/control/users', name ? { name } : {});
      people = await list();
      phones.open(user, people);
    } catch (error) {
      complain(error);
    }
    draw();
  };
  phones.onChange(draw);
  onPreference(draw);
  onLive('reset', () => revive(phones).then((now) => {
    people = now;
    phones.setBalances(people);
    draw();
  }, complain));
  place.setAttribute('role', 'group');
  place.dataset.name = 'buyers';
  apply(place.parentElement);
  phones.open('demo', people);
  draw();
}

/** A reset forgets all buyers; those whose phones are open come back under the same openid. */
async function revive(phones) {
  for (const name of phones.users()) await call('POST', '/control/users', { name });
  return list();
}

/** The demo buyer comes first; the others as the sandbox lists them. */
async function list() {
  const { data } = await call('GET', '/control/users');
  return [...data].sort((a, b) => Number(b.user === 'demo') - Number(a.user === 'demo'));
}

function chips(people, phones, add) {
  const known = people.slice(0, SHOWN_BUYERS);
  for (const one of people.slice(SHOWN_BUYERS)) if (phones.isOpen(one.user)) known.push(one);
  const hidden = people.length - known.length;
  const row = known.map((person) => chip(person, people, phones));
  if (hidden > 0) row.push(el('span', { class: 'switches-name' }, word('moreBuyers', { n: hidden })));
  row.push(el('button', { type: 'button', class: 'button buyer add', dataset: { add: 'buyer' }, onclick: add },
    icon('plus'), word('addBuyer')));
  return row;
}

function chip({ user }, people, phones) {
  const shown = phones.isShown(user);
  return el('button', {
    type: 'button', class: 'button buyer', 'aria-pressed': String(shown),
    title: word('buyerOf', { user }), dataset: { buyer: user },
    onclick: () => {
      if (!phones.toggle(user, people)) notice(word('tooManyPhones', { n: phones.limit }));
    },
  }, avatar(user), user, phones.isOpen(user) && !shown && el('span', { class: 'open-mark', 'aria-hidden': 'true' }));
}

/** @param {string} user */
export function avatar(user) {
  return el('span', { class: `avatar tone-${tone(user)}`, 'aria-hidden': 'true' }, [...user][0].toUpperCase());
}

/** The same person has the same colour after a reload. */
function tone(user) {
  let sum = 0;
  for (const letter of user) sum = (sum * 31 + letter.codePointAt(0)) % 997;
  return sum % TONES;
}
