/**
 * Would DevTools take it? WeChat's own `wcc` (templates and WXS) and `wcsc` (style sheets), from
 * npm, over every file of the mini program. They are stricter than our compiler.
 *
 * Run with `node --test tests/wechat-compilers/check.test.mjs`. They exist for Linux on x86-64 only as
 * far as we run them; elsewhere this says SKIPPED and why.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../miniprogram/', import.meta.url));
const BIN = fileURLToPath(new URL('../node_modules/miniprogram-compiler/bin/linux/', import.meta.url));

/** A compiler that hangs must not hang the build; it needs well under a second. */
const TIMEOUT_MS = 60000;

/** Output for some forty files is about 200 KB; this leaves room. */
const OUTPUT_BYTES_MAX = 32 * 1024 * 1024;

const reason = whyNot();
if (reason) {
  console.log(`SKIPPED wcc: ${reason}`);
}

function whyNot() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `WeChat's compilers are Linux x86-64 programs, this is ${process.platform} ${process.arch}`;
  }
  return existsSync(BIN) ? '' : 'npm miniprogram-compiler is not installed (npm ci in tests/)';
}

/** @returns {{status: number | null, said: string}} */
function run(program, flags, files, cwd) {
  // npm unpacks them without the right to be executed.
  chmodSync(path.join(BIN, program), 0o755);
  const done = spawnSync(path.join(BIN, program), [...flags, ...files], {
    cwd, encoding: 'utf8', timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX,
  });
  const said = `${done.error || ''}${done.stderr}${done.status === 0 ? '' : done.stdout}`;
  return { status: done.status, said: said.slice(0, 4000) };
}

function filesOf(...suffixes) {
  return readdirSync(ROOT, { recursive: true })
    .filter((file) => suffixes.some((suffix) => file.endsWith(suffix)))
    .filter((file) => !/node_modules|miniprogram_npm/.test(file))
    .sort();
}

/** Runs `check` in a folder of its own that holds `name` with `text`. */
function inFolder(name, text, check) {
  const folder = mkdtempSync(path.join(tmpdir(), 'wcc-'));
  try {
    writeFileSync(path.join(folder, name), text);
    check(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('wcc takes every template', { skip: reason || false }, () => {
  const files = filesOf('.wxml', '.wxs');
  assert.ok(files.length >= 14);
  const { status, said } = run('wcc', ['-d'], files, ROOT);
  assert.equal(status, 0, said);
});

test('wcsc takes every style sheet', { skip: reason || false }, () => {
  const files = filesOf('.wxss');
  assert.ok(files.length >= 15);
  const { status, said } = run('wcsc', ['-lc'], files, ROOT);
  assert.equal(status, 0, said);
});

test('both refuse what is wrong, so that passing means something', { skip: reason || false }, () => {
  inFolder('a.wxml', '<view>{{ a ?? b }}</view>', (folder) => {
    assert.notEqual(run('wcc', ['-d'], ['a.wxml'], folder).status, 0);
  });
  inFolder('a.wxss', '.a { color: red', (folder) => {
    assert.notEqual(run('wcsc', ['-lc'], ['a.wxss'], folder).status, 0);
  });
});
