/** The payment sheet: merchant and amount, then the password, then the receipt. */

import { device } from '../device.js';
import { button, drawing, el } from '../dom.js';
import { dialog, openLayer } from '../overlay/layer.js';
import { choose, word } from '../words.js';
import { Offline } from '../wx/sandbox.js';
import { passwordPad } from './password.js';

const CROSS = 'M6.5 6.5l11 11M17.5 6.5l-11 11';
const TICK = 'm5.5 12.5 4.4 4.4 8.6-9.3';
const COIN = 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM8.8 8l3.2 4.2L15.2 8M12 12.2v5M9.2 12.6h5.6M9.2 15h5.6';
const FEN_PER_YUAN = 100;

/**
 * @typedef {{ errMsg: string, reason?: string, reason_en?: string }} End
 * @typedef {{ amount_fen: number, description: string, merchant_name: string }} Visit
 * @param {Visit} visit
 * @param {{ pay: (password: string) => Promise<any>, cancel: () => Promise<any> }} calls
 * @returns {Promise<End>} how it ended
 */
export function openSheet(visit, calls) {
  return new Promise((resolve) => {
    const sheet = new Sheet(visit, calls, resolve);
    sheet.open();
  });
}

class Sheet {
  #visit;
  #calls;
  #resolve;
  #close;
  #paying = false;

  constructor(visit, calls, resolve) {
    this.#visit = visit;
    this.#calls = calls;
    this.#resolve = resolve;
    this.body = el('div', { class: 'sheet-body' });
    this.panel = dialog('sheet-panel', word('payTitle'), this.body);
    this.node = el('div', { id: 'sheet', class: 'layer bottom' }, el('div', { class: 'veil' }), this.panel);
  }

  open() {
    this.#order();
    this.#close = openLayer(this.node, { focus: this.panel.querySelector('.sheet-pay'), escape: () => this.#leave() });
    performance.mark('sheet:open');
    this.#showBalance();
  }

  #order() {
    const { merchant_name: merchant, description } = this.#visit;
    this.method = el('span', { class: 'sheet-method' }, word('balance'));
    const pay = button({ class: 'sheet-pay', onclick: () => this.#password() }, word('payNow'));
    this.body.replaceChildren(
      this.#head(''),
      el('p', { class: 'sheet-merchant' }, merchant),
      this.#amount(),
      el('dl', { class: 'sheet-rows' },
        el('dt', {}, word('goods')), el('dd', {}, description),
        el('dt', {}, word('payMethod')), el('dd', {}, drawing(COIN, { class: 'phone-drawing coin' }), this.method)),
      pay,
    );
  }

  #password() {
    const { merchant_name: merchant } = this.#visit;
    this.pad = passwordPad((digits) => this.#pay(digits));
    this.panel.setAttribute('aria-label', word('passwordTitle'));
    this.body.replaceChildren(
      this.#head(word('passwordTitle')),
      el('p', { class: 'sheet-merchant' }, merchant), this.#amount(),
      ...this.pad.nodes,
    );
    this.pad.listen(this.panel);
    this.panel.focus({ preventScroll: true });
  }

  async #pay(password) {
    this.#paying = true;
    this.pad.busy(word('paying'));
    let end;
    try {
      end = await this.#calls.pay(password);
    } catch (error) {
      // Nothing is known about the payment; the buyer may try again, the cashier takes money once.
      end = { errMsg: '', retry: true, reason: error instanceof Offline ? word('noNetwork') : word('notUnderstood') };
    }
    this.#paying = false;
    if (end.errMsg === 'requestPayment:ok') this.#paid(end);
    else if (end.retry) this.pad.again(choose(end.reason, end.reason_en));
    else this.#finish(end);
  }

  #paid(end) {
    const { merchant_name: merchant } = this.#visit;
    const done = button({ class: 'sheet-done', onclick: () => this.#finish(end) }, word('done'));
    this.node.classList.add('full');
    this.panel.setAttribute('aria-label', word('paid'));
    this.body.replaceChildren(
      el('div', { class: 'sheet-tick' }, drawing(TICK)),
      el('h2', { class: 'sheet-paid' }, word('paid')),
      this.#amount(), el('p', { class: 'sheet-merchant' }, merchant), done,
    );
    done.focus({ preventScroll: true });
  }

  #head(title) {
    return el('div', { class: 'sheet-head' },
      button({ class: 'sheet-close', 'aria-label': word('close'), onclick: () => this.#leave() }, drawing(CROSS)),
      el('h2', {}, title));
  }

  #amount() {
    return el('p', { class: 'sheet-amount' }, el('span', { class: 'sheet-sign' }, '¥'), yuan(this.#visit.amount_fen));
  }

  /** Money that is moving cannot be called back. */
  async #leave() {
    if (this.#paying) return;
    if (this.node.classList.contains('full')) {
      this.#finish({ errMsg: 'requestPayment:ok' });
      return;
    }
    this.#finish({ errMsg: 'requestPayment:fail cancel' });
    // Whether the cashier hears it makes no difference to the order: it stays payable.
    await this.#calls.cancel().catch(() => {});
  }

  #finish(end) {
    this.#close();
    this.#resolve(end);
  }

  /** Comes a moment later than the sheet, which does not wait for it. */
  async #showBalance() {
    const host = await fetch('/phone/api/host').then((answer) => answer.json()).catch(() => null);
    const balance = host?.users?.find(({ user }) => user === device.user)?.balance_fen;
    if (Number.isInteger(balance)) this.method.textContent = word('balanceHolds', { amount: yuan(balance) });
  }
}

function yuan(fen) {
  const whole = Math.floor(fen / FEN_PER_YUAN);
  return `${whole}.${String(fen % FEN_PER_YUAN).padStart(2, '0')}`;
}
