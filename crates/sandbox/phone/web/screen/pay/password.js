/** Six dots and a keypad; digits of a keyboard work too. */

import { button, drawing, el } from '../dom.js';
import { word } from '../words.js';

const LENGTH = 6;
const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '', '0', 'back'];
const ERASE = 'M8.5 6h10.2a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H8.5L3.6 12ZM11.2 9.6l4.8 4.8M16 9.6l-4.8 4.8';

/** @param {(digits: string) => void} enter called with six digits */
export function passwordPad(enter) {
  let digits = '';
  let locked = false;
  const dots = el('div', { class: 'pad-dots', role: 'img' }, ...Array.from({ length: LENGTH }, () => el('i')));
  const note = el('p', { class: 'pad-note', role: 'status' }, word('passwordHint'));
  const draw = () => {
    [...dots.children].forEach((dot, index) => dot.classList.toggle('full', index < digits.length));
    dots.setAttribute('aria-label', word('passwordDots', { n: digits.length }));
  };
  const press = (key) => {
    if (locked) return;
    if (key === 'back') digits = digits.slice(0, -1);
    else digits += key;
    draw();
    if (digits.length < LENGTH) return;
    locked = true;
    enter(digits);
  };
  draw();
  return {
    nodes: [dots, note, keypad(press)],
    busy: (text) => say(note, text, ''),
    again: (text) => {
      digits = '';
      locked = false;
      draw();
      say(note, text, 'wrong');
      dots.classList.remove('shake');
      // Restarts the animation, also for the second wrong password in a row.
      void dots.offsetWidth;
      dots.classList.add('shake');
    },
    listen: (node) => node.addEventListener('keydown', (event) => {
      if (/^[0-9]$/.test(event.key)) press(event.key);
      else if (event.key === 'Backspace') press('back');
    }),
  };
}

function say(note, text, kind) {
  note.textContent = text;
  note.className = `pad-note ${kind}`;
}

function keypad(press) {
  const keys = KEYS.map((key) => {
    if (key === '') return el('span', { class: 'pad-empty' });
    if (key !== 'back') return button({ class: 'pad-key', onclick: () => press(key) }, key);
    const says = { class: 'pad-key back', 'aria-label': word('backspace') };
    return button({ ...says, onclick: () => press('back') }, drawing(ERASE));
  });
  return el('div', { class: 'pad-keys', role: 'group', 'aria-label': word('keypad') }, ...keys);
}
