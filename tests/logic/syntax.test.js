/** What a phone can run, read from the files themselves. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { parse, tokenizer } from 'acorn';
import { ROOT } from './harness/modules.js';

const files = readdirSync(ROOT, { recursive: true })
  .filter((file) => !/node_modules|miniprogram_npm/.test(file))
  .filter((file) => statSync(path.join(ROOT, file)).isFile());

const read = (file) => readFileSync(path.join(ROOT, file), 'utf8');
const ending = (suffix) => files.filter((file) => file.endsWith(suffix));

/** What DevTools turns into older JavaScript, and WebViews of phones in use understand. */
const ECMA_VERSION = 2018;

/** Names that only a browser has. The mini program does not know that it can run in one. */
const BROWSER = new RegExp(`^(${[
  'window', 'document', 'localStorage', 'sessionStorage', 'navigator', 'location', 'fetch',
  'XMLHttpRequest', 'globalThis', 'process',
].join('|')})$`);

test('every script is ES2018 in CommonJS', () => {
  assert.ok(ending('.js').length > 30);
  for (const file of ending('.js')) {
    assert.doesNotThrow(() => parse(read(file), { ecmaVersion: ECMA_VERSION }), file);
  }
});

test('the gate for newer syntax works', () => {
  for (const newer of ['a ?? b', 'a?.b', 'try {} catch {}', 'import x from "y"']) {
    assert.throws(() => parse(newer, { ecmaVersion: ECMA_VERSION }), newer);
  }
});

test('no script names anything that only a browser has', () => {
  for (const file of ending('.js')) {
    for (const token of tokenizer(read(file), { ecmaVersion: ECMA_VERSION })) {
      assert.doesNotMatch(String(token.type.label === 'name' ? token.value : ''), BROWSER, file);
    }
  }
});

test('no script prints: payment parameters must not end in a log', () => {
  for (const file of ending('.js')) {
    assert.doesNotMatch(read(file), /console\./, file);
  }
});

test('nothing is fetched from a host but the one in config.js', () => {
  for (const file of files.filter((one) => /\.(js|wxml|wxss|json|svg)$/.test(one))) {
    const hosts = [...read(file).matchAll(/https?:\/\/([^/'"\s`)[{]+)/g)].map(([, host]) => host);
    const lawful = { 'config.js': ['tea.example.com'] }[file] || [];
    const drawn = file.endsWith('.svg') ? ['www.w3.org'] : [];
    // A scheme in a comment about "https://…" names no host.
    const known = [...lawful, ...drawn, 'HOST', ''];
    const left = hosts.filter((host) => !known.includes(host.replace(/\W+$/, '')));
    assert.deepEqual(left, [], file);
  }
});

test('templates keep to what both of WeChat\'s frameworks understand', () => {
  for (const file of ending('.wxml')) {
    for (const [, expression] of read(file).matchAll(/\{\{(.*?)\}\}/gs)) {
      assert.doesNotMatch(expression, /\?\?|"|\w\(|=>|typeof|null/, `${file}: ${expression}`);
    }
  }
});

/** Classes, `page`, `:host` and themes. Tag and id selectors differ between the two frameworks. */
const SELECTOR = /^(\.[\w-]+([ .][\w.-]+)*(::after)?|page|:host|@media .+)$/;

test('style sheets select classes only, and animations carry their component\'s name', () => {
  for (const file of ending('.wxss')) {
    const text = read(file).replace(/\/\*[^]*?\*\//g, '');
    const folder = path.basename(path.dirname(file));
    for (const [, name] of text.matchAll(/@keyframes\s+([\w-]+)/g)) {
      assert.ok(name.startsWith(folder), `${file}: ${name}`);
    }
    const outside = text.replace(/@keyframes[^{]+\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}/g, '');
    for (const [, selector] of outside.matchAll(/([^{}]+)\{/g)) {
      for (const part of selector.split(',').map((one) => one.trim())) {
        assert.match(part, SELECTOR, `${file}: ${part}`);
      }
    }
  }
});

test('every picture that is named is there, and is plain SVG', () => {
  const goods = readFileSync(path.join(ROOT, '../xtask/src/demo/goods.csv'), 'utf8');
  const named = [...goods.matchAll(/,(\/images\/[^,]+),/g)].map(([, name]) => name);
  assert.ok(named.length >= 4);
  for (const file of ending('.wxml')) {
    named.push(...[...read(file).matchAll(/src="(\/[^"{]+)"/g)].map(([, name]) => name));
  }
  for (const kind of ['empty', 'error', 'offline']) {
    named.push(`/images/state/${kind}.svg`);
  }
  for (const name of named) {
    assert.ok(existsSync(path.join(ROOT, name)), name);
  }
  // `<image>` on a phone knows neither style elements nor percentages in SVG.
  for (const file of ending('.svg')) {
    assert.doesNotMatch(read(file), /<style|<script|\d%|<image|href=/, file);
  }
});

test('both themes define every colour', () => {
  const { light, dark } = JSON.parse(read('theme.json'));
  assert.deepEqual(Object.keys(light).sort(), Object.keys(dark).sort());
  const themes = /page \{([^}]+)\}[^]*prefers-color-scheme: dark\) \{\s*page \{([^}]+)\}/;
  const [, bright, night] = themes.exec(read('app.wxss'));
  const colour = /(--[\w-]+): (#|rgba|0 )/g;
  const names = (text) => [...text.matchAll(colour)].map(([, name]) => name).sort();
  assert.ok(names(bright).length > 15);
  assert.deepEqual(names(night), names(bright));
});

test('no private appid is committed', () => {
  assert.equal(JSON.parse(read('project.config.json')).appid, 'touristappid');
  assert.match(read('.gitignore'), /^project\.private\.config\.json$/m);
});
