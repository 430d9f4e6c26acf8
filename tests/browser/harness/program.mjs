// One of our programs, running, and what it wrote.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Longer than a graceful stop of the server, which lets requests finish. */
const STOP_MS = 10_000;
/** Enough to see what went wrong. */
const LOG_CHARACTERS = 20_000;

/** Programs that are still running, for the case that this process ends in a hurry. */
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export class Program {
  /** @param {string} file @param {string[]} words @param {string} folder */
  constructor(file, words, folder) {
    this.log = '';
    this.name = file.split('/').at(-1);
    this.child = spawn(file, words, {
      cwd: folder,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.child);
    this.ended = once(this.child, 'close').then(([code]) => {
      running.delete(this.child);
      return code;
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (bytes) => this.keep(bytes));
    }
  }

  keep(bytes) {
    this.log = (this.log + bytes).slice(-LOG_CHARACTERS);
  }

  /** Waits for the end of a command that ends by itself. */
  async finish() {
    const code = await this.ended;
    if (code !== 0) throw new Error(`${this.name} ended with ${code}:\n${this.log}`);
  }

  /** Waits until an address answers 200. */
  async ready(url, until) {
    let code;
    void this.ended.then((value) => (code = value ?? 'a signal'));
    await until(`${url} answers`, async () => {
      if (code !== undefined) throw new Error(`${this.name} ended with ${code}:\n${this.log}`);
      return fetch(url).then((answer) => answer.ok, () => false);
    });
  }

  /** In good order, or else not. */
  async stop() {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    await this.ended;
    clearTimeout(timer);
  }

  /** As a power cut would. */
  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** The shop of a test must not become half of somebody's real one. */
function environment() {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(SHOUYIN_|WECHATPAY_|DATABASE_URL)/.test(name),
  );
  return { ...Object.fromEntries(own), NO_COLOR: '1' };
}

/** Ports that nobody uses at this moment. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => (server.close(), once(server, 'close'))));
  return ports;
}
