import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { ROOT } from './harness/modules.js';
import { Phone } from './harness/phone.js';

const words = new Phone().module('utils/words.js');

function paths(table, prefix = '') {
  return Object.entries(table).flatMap(([key, value]) =>
    typeof value === 'string' ? [prefix + key] : paths(value, `${prefix}${key}.`));
}

function at(table, where) {
  return where.split('.').reduce((value, key) => value[key], table);
}

test('both languages have the same words, and none is empty', () => {
  assert.deepEqual(paths(words.zh).sort(), paths(words.en).sort());
  for (const where of paths(words.zh)) {
    assert.notEqual(at(words.zh, where).trim(), '', `zh ${where}`);
    assert.notEqual(at(words.en, where).trim(), '', `en ${where}`);
  }
});

test('Chinese is Chinese, and English has none of it but the shop\'s name', () => {
  const chinese = /[\u4e00-\u9fff]/;
  for (const where of paths(words.zh).filter((one) => one !== 'shopOther')) {
    assert.match(at(words.zh, where), chinese, `zh ${where}`);
    assert.doesNotMatch(at(words.en, where), chinese, `en ${where}`);
  }
});

test('every state of an outcome has its words', () => {
  for (const state of ['paid', 'unpaid', 'pending', 'closed', 'refunded', 'failed']) {
    for (const table of ['states', 'hints', 'results', 'resultTexts']) {
      assert.ok(words.zh[table][state], `${table}.${state}`);
    }
  }
  assert.equal(words.zh.results.pending, '正在确认支付结果，请勿重复支付');
});

test('a page or component names only words that exist, and has no Chinese of its own', () => {
  const files = readdirSync(ROOT, { recursive: true }).filter((file) => file.endsWith('.wxml'));
  assert.ok(files.length >= 14);
  const used = new Set();
  for (const file of files) {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    assert.doesNotMatch(text, /[\u4e00-\u9fff]/, file);
    for (const [, name] of text.matchAll(/\bw\.(\w+)/g)) {
      assert.equal(typeof words.zh[name], 'string', `${file}: w.${name}`);
      used.add(name);
    }
  }
  assert.ok(used.has('toPay') && used.has('payAgain'));
});

test('the phone\'s language chooses; Chinese when it does not say', () => {
  const spoken = (language) => new Phone({ language }).module('utils/words.js').words().toPay;
  assert.equal(spoken('zh_CN'), '去付款');
  assert.equal(spoken('zh_TW'), '去付款');
  assert.equal(spoken('en'), 'Pay');
  assert.equal(spoken(undefined), '去付款');
});

test('an older base library without getAppBaseInfo is asked the older way', () => {
  const phone = new Phone({ language: 'en' });
  delete phone.wx.getAppBaseInfo;
  assert.equal(phone.module('utils/words.js').words().toPay, 'Pay');
});

test('a title shows the reader\'s language first, and its quantity apart', () => {
  const { split, bare } = new Phone().module('utils/title.js');
  const english = new Phone({ language: 'en' }).module('utils/title.js');
  const text = '明前龙井 · Longjing green tea, 50 g ×3';
  assert.deepEqual(split(text), { main: '明前龙井', sub: 'Longjing green tea, 50 g', quantity: 3 });
  assert.equal(english.split(text).main, 'Longjing green tea, 50 g');
  assert.equal(bare(text), '明前龙井 · Longjing green tea, 50 g');
  assert.deepEqual(split('Mug'), { main: 'Mug', sub: '', quantity: 1 });
});
