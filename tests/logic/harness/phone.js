/** A phone that runs the mini program without its view: pages, `setData`, the page stack, kills. */
import { Clock } from './clock.js';
import { modules } from './modules.js';
import { Shop } from './shop.js';
import { NEVER, makeWx } from './wx.js';

const FIELDS = ['timeStamp', 'nonceStr', 'package', 'signType', 'paySign'];

export class Phone {
  constructor({ language = 'zh_CN' } = {}) {
    this.clock = new Clock();
    this.shop = new Shop(this.clock);
    this.storage = new Map();
    this.language = language;
    this.online = true;
    /** Every asynchronous `wx` call, in order. */
    this.said = [];
    /** What was handed to the cashier, call by call. */
    this.payments = [];
    /** How the next cashiers end: `ok`, `cancel`, `killed`, or the words of a failure. */
    this.endings = [];
    this.confirmModal = true;
    this.load();
  }

  /** A fresh run: new modules, empty page stack, the same storage. */
  load() {
    this.stack = [];
    this.wx = makeWx(this);
    let registered;
    const globals = {
      ...this.clock.globals(),
      wx: this.wx,
      App: (options) => void (registered = options),
      Page: (options) => void (registered = options),
      Component: (options) => void (registered = options),
      getApp: () => this.app,
      getCurrentPages: () => this.stack,
      console: { log: forbidden, error: forbidden, warn: forbidden, info: forbidden },
    };
    const { load } = modules(globals);
    this.module = load;
    // A module runs once; its second page is made from what it registered then.
    const definitions = new Map();
    this.definition = (file) => {
      if (!definitions.has(file)) {
        registered = undefined;
        load(file);
        definitions.set(file, registered);
      }
      return definitions.get(file);
    };
  }

  /** Starts the mini program, by default on its first page. */
  async launch(url = '/pages/goods/index') {
    this.app = instance(this.definition('app.js'), this.clock);
    this.app.onLaunch({});
    this.app.onShow({});
    this.go(url, 'clear');
    await this.clock.settle();
    return this.top();
  }

  /** The phone kills the mini program: timers and answers under way are gone. */
  kill() {
    this.clock.timers.clear();
    this.load();
  }

  /** To the background and back. */
  async hideAndShow() {
    this.top().onHide?.();
    this.app.onHide?.();
    this.app.onShow({});
    this.top().onShow?.();
    await this.clock.settle();
  }

  top() {
    return this.stack[this.stack.length - 1];
  }

  go(url, how) {
    const [path, query = ''] = url.split('?');
    const leaving = { push: 0, replace: 1, clear: this.stack.length }[how];
    this.top()?.onHide?.();
    for (const page of this.stack.splice(this.stack.length - leaving, leaving)) {
      page.gone = true;
      page.onUnload?.();
    }
    const page = instance(this.definition(`${path.slice(1)}.js`), this.clock);
    page.route = path.slice(1);
    this.stack.push(page);
    // Values stay percent-encoded, as on a phone.
    const pairs = query.split('&').filter(Boolean).map((pair) => pair.split('='));
    page.onLoad?.(Object.fromEntries(pairs));
    page.onShow?.();
    page.onReady?.();
    return {};
  }

  back() {
    this.stack.pop().onUnload?.();
    this.top().onShow?.();
    return {};
  }

  modal() {
    return { confirm: this.confirmModal, cancel: !this.confirmModal };
  }

  /** WeChat's cashier. It takes strings, and ends as the test said. */
  cashierOpens(options) {
    const bad = FIELDS.find((name) => typeof options[name] !== 'string');
    if (bad) {
      throw new Error(`parameter error: parameter.${bad} should be String`);
    }
    this.payments.push(Object.fromEntries(FIELDS.map((name) => [name, options[name]])));
    const ending = this.endings.shift() || 'ok';
    if (ending === 'killed') {
      return NEVER;
    }
    if (ending !== 'ok' && ending !== 'ok, unheard') {
      throw new Error(ending);
    }
    if (ending === 'ok') {
      this.shop.payAtWechat(options.package.replace('prepay_id=wx', ''));
    }
    return {};
  }

  toasts() {
    return this.said.filter((one) => one.name === 'showToast').map((one) => one.options.title);
  }
}

/** A page or the app: methods on itself, `data` of its own, `setData` with paths. */
export function instance(options, clock) {
  const made = { ...options, data: structuredClone(options.data || {}) };
  made.setData = (changes, callback) => {
    // Only JSON crosses to the view: a function, `undefined` or a class would be lost there.
    const sent = JSON.parse(JSON.stringify(changes));
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined || value === null) {
        throw new Error(`setData: ${name} is ${value}`);
      }
    }
    Object.assign(made.data, sent);
    if (callback) {
      clock.later(callback);
    }
  };
  return made;
}

function forbidden() {
  throw new Error('the mini program writes nothing to the console');
}
