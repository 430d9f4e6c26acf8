/** The merchant's server as the mini program sees it (docs/API.md), in memory. */

const EXPIRES_MS = 30 * 60 * 1000;

const GOODS = [
  { id: 'gaiwan', title: '白瓷盖碗 · Porcelain gaiwan', price_fen: 12900, stock: 12 },
  {
    id: 'longjing',
    title: '明前龙井 · Longjing green tea, 50 g',
    price_fen: 6805,
    image: '/images/goods/longjing.svg',
  },
  { id: 'whisk', title: '百本茶筅 · Bamboo whisk', price_fen: 8600, stock: 0 },
];

export class Shop {
  constructor(clock) {
    this.clock = clock;
    this.goods = structuredClone(GOODS);
    this.orders = new Map();
    this.keys = new Map();
    this.tokens = new Set();
    this.codes = new Set();
    this.log = [];
    this.faults = [];
    this.number = 0;
  }

  /** The next calls that match `on` go wrong. `lose`: done, but the answer never arrives. */
  fault(on, effect, times = 1) {
    this.faults.push({ on, effect, times });
  }

  /** Every session ends now. */
  endSessions() {
    this.tokens.clear();
  }

  /** The buyer's money arrives at WeChat; the server learns of it by asking, or by `notify`. */
  payAtWechat(order_no) {
    this.orders.get(order_no).paid_at_wechat = true;
  }

  notify(order_no) {
    this.payAtWechat(order_no);
    this.settle(this.orders.get(order_no));
  }

  calls(pattern) {
    return this.log.filter((call) => pattern.test(call.what));
  }

  /** @returns an answer, or `undefined` when none arrives */
  handle({ method, path, header, data }) {
    const what = `${method} ${path}`;
    const at_ms = this.clock.now;
    this.log.push({ what, header, data, at_ms });
    const fault = this.faults.find((one) => one.times > 0 && one.on.test(what));
    if (fault) {
      fault.times -= 1;
      if (fault.effect === 'unreachable') {
        return undefined;
      }
      if (fault.effect === 'lose') {
        this.answer(method, path, header, data);
        return undefined;
      }
      const { status, code, retryable = false, told = {} } = fault.effect;
      return { ...problem(status, code, retryable), header: told };
    }
    return this.answer(method, path, header, data);
  }

  answer(method, path, header, data) {
    if (path === '/v1/mp/login') {
      return this.login(JSON.parse(data));
    }
    if (!this.tokens.has((header.Authorization || '').replace('Bearer ', ''))) {
      return problem(401, 'SESSION_INVALID', false);
    }
    const [, order_no, action] = /^\/v1\/mp\/orders\/([^/?]+)(?:\/(\w+))?$/.exec(path) || [];
    if (order_no) {
      return this.one(order_no, method === 'GET' ? 'read' : action);
    }
    if (path === '/v1/mp/goods') {
      return ok({ data: this.goods });
    }
    return method === 'POST' ? this.place(header, JSON.parse(data)) : this.list(path);
  }

  login({ code }) {
    if (!this.codes.delete(code)) {
      return problem(401, 'LOGIN_CODE_INVALID', false);
    }
    this.number += 1;
    const token = `token-${this.number}`;
    this.tokens.add(token);
    return ok({ token, expires_at: rfc3339(this.clock.now + 7 * 24 * 3600 * 1000) });
  }

  place(header, { goods_id, quantity }) {
    const key = header['Idempotency-Key'];
    if (!key) {
      return problem(400, 'IDEMPOTENCY_KEY_MISSING', false);
    }
    const body = `${goods_id} ${quantity}`;
    const known = this.keys.get(key);
    if (known) {
      const reused = () => problem(422, 'IDEMPOTENCY_KEY_REUSED', false);
      return known.body === body ? this.payable(known.order, 200) : reused();
    }
    const goods = this.goods.find((one) => one.id === goods_id);
    if (goods.stock !== undefined && quantity > goods.stock) {
      return problem(409, 'OUT_OF_STOCK', false);
    }
    const order = this.newOrder(goods, quantity);
    this.keys.set(key, { body, order });
    return this.payable(order, 201);
  }

  newOrder(goods, quantity) {
    this.number += 1;
    const order = {
      order_no: `2026112410${String(this.number).padStart(6, '0')}`,
      state: 'awaiting_payment',
      amount_fen: goods.price_fen * quantity,
      refunded_fen: 0,
      currency: 'CNY',
      description: goods.title + (quantity > 1 ? ` ×${quantity}` : ''),
      created_at: rfc3339(this.clock.now),
      expires_at: rfc3339(this.clock.now + EXPIRES_MS),
      version: 1,
    };
    this.orders.set(order.order_no, order);
    return order;
  }

  one(order_no, action) {
    const order = this.orders.get(order_no);
    if (!order) {
      return problem(404, 'ORDER_NOT_FOUND', false);
    }
    if (action === 'payment') {
      return this.payable(order, 200);
    }
    if (action === 'refresh' || action === 'close') {
      this.settle(order);
    }
    if (action === 'close' && order.state === 'awaiting_payment') {
      Object.assign(order, { state: 'closed', closed_at: rfc3339(this.clock.now) });
    }
    return ok({ order });
  }

  settle(order) {
    if (order.paid_at_wechat && order.state === 'awaiting_payment') {
      const paid = { state: 'paid', paid_at: rfc3339(this.clock.now), transaction_id: '4200000001' };
      Object.assign(order, paid);
    } else if (order.state === 'awaiting_payment' && order.closed_at_wechat) {
      Object.assign(order, { state: 'closed', closed_at: rfc3339(this.clock.now) });
    }
  }

  payable(order, status) {
    if (order.state !== 'awaiting_payment' || Date.parse(order.expires_at) <= this.clock.now) {
      return problem(409, 'ORDER_NOT_PAYABLE', false);
    }
    this.number += 1;
    const payment = {
      timeStamp: '1795444721',
      nonceStr: `nonce${this.number}`,
      package: `prepay_id=wx${order.order_no}`,
      signType: 'RSA',
      paySign: `c2lnbmF0dXJl+${this.number}/==`,
    };
    return { ...ok({ order, payment }), statusCode: status };
  }

  list(path) {
    const query = new URLSearchParams(path.split('?')[1]);
    const all = [...this.orders.values()].reverse();
    const from = Number(query.get('cursor') || 0);
    const to = from + Number(query.get('limit'));
    return ok({ data: all.slice(from, to), next_cursor: to < all.length ? String(to) : null });
  }
}

function ok(data) {
  return { statusCode: 200, data, header: { 'Content-Type': 'application/json' } };
}

/** As text: `application/problem+json` is not parsed by every client. */
function problem(statusCode, code, retryable) {
  const title = `中文 ${code} / English ${code}`;
  const data = { code, retryable, title, request_id: 'r1', status: statusCode };
  return { statusCode, data: JSON.stringify(data), header: {} };
}

export function rfc3339(ms) {
  return `${new Date(ms + 8 * 3600 * 1000).toISOString().slice(0, 19)}+08:00`;
}
