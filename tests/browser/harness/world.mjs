// Everything that stands around a phone: WeChat (the sandbox), the merchant's server, and its shop.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePorts, Program } from './program.mjs';
import { API_KEY, furnish } from './shop.mjs';
import { until } from './until.mjs';

export const ROOT = join(import.meta.dirname, '../../..');
/** The demo's goods, so that the pictures show what people see. */
const GOODS = join(ROOT, 'xtask/src/demo/goods.csv');
/** What the buyer reads in the cashier. */
const SHOP_NAME = '山间茶铺';
/** The host that the mini program is written for. */
const SHOP = 'https://tea.example.com';

export class World {
  /**
   * @param {object} [options]
   * @param {string} [options.miniProgram] Folder of another mini program.
   * @param {Record<string, number>} [options.settings] Of the server, as `--set` takes them.
   */
  static async start({ miniProgram = join(ROOT, 'miniprogram'), settings = {} } = {}) {
    const world = new World();
    world.folder = await mkdtemp(join(tmpdir(), 'shouyin-browser-'));
    const [server, admin, api, control] = await freePorts(4);
    world.ports = { server, admin, api, control };
    world.buyers = 0;
    world.settings = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    try {
      await world.startSandbox(miniProgram);
      world.account = await world.control('GET', '/control/merchant');
      await furnish(world.folder, world.account, world.ports);
      await world.serverCommand('migrate').finish();
      await world.serverCommand('goods', 'import', GOODS).finish();
      await world.startServer();
    } catch (error) {
      await world.stop();
      throw error;
    }
    return world;
  }

  async startSandbox(miniProgram) {
    const { server, api, control } = this.ports;
    this.sandbox = new Program(
      named('SHOUYIN_SANDBOX_BIN'),
      [
        ...['--listen', `127.0.0.1:${api}`, '--control', `127.0.0.1:${control}`],
        ...['--keys', join(this.folder, 'wechat'), '--mini-program', miniProgram],
        ...['--domain', `${SHOP}=http://127.0.0.1:${server}`],
        ...['--merchant-name', SHOP_NAME, '--phone-runtime', join(ROOT, 'crates/sandbox/phone/node_modules')],
      ],
      this.folder,
    );
    await this.sandbox.ready(this.url('/control/merchant'), until);
  }

  /** Starts the server on its port, also after `killServer`. */
  async startServer() {
    this.server = this.serverCommand('serve');
    await this.server.ready(`http://127.0.0.1:${this.ports.server}/readyz`, until);
  }

  async killServer() {
    await this.server.kill();
  }

  serverCommand(...words) {
    const config = ['--config', join(this.folder, 'shouyin.toml')];
    return new Program(named('SHOUYIN_BIN'), [...config, ...this.settings, ...words], this.folder);
  }

  async stop() {
    // The server first: it may still want to say something to the sandbox.
    await this.server?.stop();
    await this.sandbox?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** An address of the phone or of the control plane. */
  url(path) {
    return `http://127.0.0.1:${this.ports.control}${path}`;
  }

  /** Somebody with a phone of their own, who has never been here. */
  async newBuyer() {
    this.buyers += 1;
    const answer = await this.control('POST', '/control/users', { name: `buyer-${this.buyers}` });
    return answer.user;
  }

  control(method, path, body) {
    return call(this.url(path), method, body, {});
  }

  /** The merchant's own view, with its API key. */
  merchant(method, path, body) {
    const url = `http://127.0.0.1:${this.ports.server}${path}`;
    return call(url, method, body, { authorization: `Bearer ${API_KEY}` });
  }

  /** Faults strike everybody in this world, so they go with the test that set them. */
  async faults(test, ...faults) {
    await this.control('PUT', '/control/faults', { faults });
    test.after(() => this.control('PUT', '/control/faults', { faults: [] }));
  }

  /** What the merchant's books say about an order. */
  async order(orderNo) {
    return (await this.merchant('GET', `/v1/orders/${orderNo}`)).order;
  }

  /** Waits until the merchant's books say so. */
  orderIs(orderNo, state, limitMs) {
    const look = async () => (await this.order(orderNo)).state === state;
    return until(`order ${orderNo} is ${state}`, look, limitMs);
  }

  /** The numbers of all orders, in the books of both sides. */
  async books() {
    const ours = await this.merchant('GET', '/v1/orders?limit=100');
    const theirs = await this.control('GET', '/control/orders');
    return {
      merchant: ours.data.map((order) => order.order_no).sort(),
      wechat: theirs.data.map((order) => order.out_trade_no).sort(),
    };
  }

  /** The one order that came since `before`, in both books. Any other number of orders is wrong. */
  async oneNewOrder(before) {
    const now = await this.books();
    const news = (side) => now[side].filter((number) => !before[side].includes(number));
    const [ours, theirs] = [news('merchant'), news('wechat')];
    assert.equal(ours.length, 1, `new orders in the merchant's books: ${ours}`);
    assert.deepEqual(theirs, ours, "WeChat's books");
    return ours[0];
  }

  /** How often the platform was asked about an order, and by which notifications it was told. */
  async wire(orderNo) {
    const requests = await this.control('GET', '/control/requests');
    const path = `/v3/pay/transactions/out-trade-no/${orderNo}?`;
    const notices = await this.control('GET', `/control/notifications?out_trade_no=${orderNo}`);
    const attempts = notices.data.flatMap((notice) => notice.attempts);
    return {
      queries: requests.data.filter(({ target }) => target.startsWith(path)).length,
      delivered: attempts.some(({ status }) => status === 200 || status === 204),
    };
  }
}

async function call(url, method, body, headers) {
  const answer = await fetch(url, {
    method,
    headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${text}`);
  return text === '' ? null : JSON.parse(text);
}

function named(variable) {
  const file = process.env[variable];
  if (!file) throw new Error(`${variable} names no program; run: cargo xtask test --only browser`);
  return file;
}
