/** Sessions, repeats and what the server is told. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Phone } from './harness/phone.js';

function begin() {
  const phone = new Phone();
  const pay = phone.module('pay/src/index.js');
  pay.configure({ baseUrl: 'https://tea.example.com' });
  return { phone, pay, shop: phone.shop };
}

const GOODS = { method: 'GET', path: '/v1/mp/goods' };

async function after(phone, promise, ms = 10000) {
  const kept = promise.then((value) => ({ value }), (error) => ({ error }));
  await phone.clock.run(ms);
  return kept;
}

test('the first call logs in by itself, and the token travels in the header', async () => {
  const { phone, pay, shop } = begin();
  const { value } = await after(phone, pay.call(GOODS));
  assert.equal(value.data.length, 3);
  assert.deepEqual(shop.log.map((call) => call.what), ['POST /v1/mp/login', 'GET /v1/mp/goods']);
  assert.equal(shop.log[1].header.Authorization, 'Bearer token-1');
  assert.doesNotMatch(shop.log.map((call) => call.what).join(), /token-1/);
});

test('neither openid nor session_key is sent or kept', async () => {
  const { phone, pay, shop } = begin();
  await after(phone, pay.call(GOODS));
  assert.deepEqual(Object.keys(JSON.parse(shop.log[0].data)), ['code']);
  assert.deepEqual(Object.keys(phone.storage.get('shouyin.session')), ['token', 'expires_at']);
});

test('calls at the same time share one login', async () => {
  const { phone, pay, shop } = begin();
  await after(phone, Promise.all([pay.call(GOODS), pay.orders.list(), pay.login()]));
  assert.equal(shop.calls(/login/).length, 1);
});

test('a session that ended is renewed once, silently, and the call repeated', async () => {
  const { phone, pay, shop } = begin();
  await after(phone, pay.call(GOODS));
  shop.endSessions();
  shop.log.length = 0;
  const { value } = await after(phone, pay.call(GOODS));
  assert.equal(value.data.length, 3);
  assert.deepEqual(shop.log.map((call) => call.what), [
    'GET /v1/mp/goods', 'POST /v1/mp/login', 'GET /v1/mp/goods',
  ]);
});

test('four 401 at once lead to one login', async () => {
  const { phone, pay, shop } = begin();
  await after(phone, pay.call(GOODS));
  shop.endSessions();
  shop.log.length = 0;
  const { value } = await after(phone, Promise.all([1, 2, 3, 4].map(() => pay.call(GOODS))));
  assert.equal(value.length, 4);
  assert.equal(shop.calls(/login/).length, 1);
  assert.equal(shop.calls(/goods/).length, 8);
});

test('a 401 to an old token takes the new one without another login', async () => {
  const { phone, pay, shop } = begin();
  await after(phone, pay.call(GOODS));
  shop.endSessions();
  const session = phone.module('pay/src/session.js');
  const { value: token } = await after(phone, session.renewed('token-1'));
  shop.log.length = 0;
  const { value } = await after(phone, session.renewed('token-1'));
  assert.equal(value, token);
  assert.equal(shop.log.length, 0);
});

test('a session that is refused twice is an error, not a loop', async () => {
  const { phone, pay, shop } = begin();
  shop.fault(/goods/, { status: 401, code: 'SESSION_INVALID' }, 99);
  const { error } = await after(phone, pay.call(GOODS));
  assert.equal(error.code, 'SESSION_INVALID');
  assert.equal(shop.calls(/goods/).length, 2);
  assert.equal(shop.calls(/login/).length, 2);
});

test('a session is renewed before it ends', async () => {
  const { phone, pay, shop } = begin();
  await after(phone, pay.call(GOODS));
  await phone.clock.run(7 * 24 * 3600 * 1000 - 70000);
  shop.log.length = 0;
  await after(phone, pay.call(GOODS));
  assert.deepEqual(shop.log.map((call) => call.what), ['POST /v1/mp/login', 'GET /v1/mp/goods']);
});

test('the session survives a restart', async () => {
  const { phone, pay } = begin();
  await after(phone, pay.call(GOODS));
  phone.kill();
  phone.shop.log.length = 0;
  const again = phone.module('pay/src/index.js');
  again.configure({ baseUrl: 'https://tea.example.com' });
  await after(phone, again.call(GOODS));
  assert.deepEqual(phone.shop.log.map((call) => call.what), ['GET /v1/mp/goods']);
});

test('a lost answer to an order is repeated under the same key: one order', async () => {
  const { phone, pay, shop } = begin();
  shop.fault(/POST \/v1\/mp\/orders$/, 'lose');
  const { value: key } = await after(phone, pay.newKey());
  const { value } = await after(phone, pay.orders.place({ goods_id: 'longjing', quantity: 2 }, key));
  assert.equal(shop.orders.size, 1);
  assert.equal(value.order.amount_fen, 13610);
  const keys = shop.calls(/POST \/v1\/mp\/orders$/).map((call) => call.header['Idempotency-Key']);
  assert.deepEqual(keys, [key, key]);
});

test('an order says goods and quantity, and nothing about price or payer', async () => {
  const { phone, pay, shop } = begin();
  const wanted = { goods_id: 'longjing', quantity: 1, price_fen: 1, openid: 'o' };
  await after(phone, pay.orders.place(wanted, 'key'));
  const sent = JSON.parse(shop.calls(/orders/)[0].data);
  assert.deepEqual(sent, { goods_id: 'longjing', quantity: 1 });
});

test('keys are long, printable and never the same', async () => {
  const { phone, pay } = begin();
  const { value: keys } = await after(phone, Promise.all(Array.from({ length: 50 }, () => pay.newKey())));
  assert.equal(new Set(keys).size, 50);
  for (const key of keys) {
    assert.match(key, /^mp-[0-9a-f]{32}$/);
  }
});

test('a refusal that is final is not repeated', async () => {
  const { phone, pay, shop } = begin();
  const { error } = await after(phone, pay.orders.place({ goods_id: 'whisk', quantity: 1 }, 'key'));
  assert.equal(error.kind, 'refused');
  assert.equal(error.code, 'OUT_OF_STOCK');
  assert.equal(error.requestId, 'r1');
  assert.equal(shop.calls(/orders/).length, 1);
});

test('a passing refusal is repeated twice at most', async () => {
  const { phone, pay, shop } = begin();
  shop.fault(/goods/, { status: 503, code: 'DATABASE_UNAVAILABLE', retryable: true }, 99);
  const { error } = await after(phone, pay.call(GOODS));
  assert.equal(error.code, 'DATABASE_UNAVAILABLE');
  assert.equal(shop.calls(/goods/).length, 3);
});

test('a server that says when to come back is obeyed, within bounds', async () => {
  const { phone, pay, shop } = begin();
  const waits = async (seconds) => {
    shop.log.length = 0;
    const told = { 'Retry-After': seconds };
    shop.fault(/goods/, { status: 503, code: 'OVERLOADED', retryable: true, told });
    await after(phone, pay.call(GOODS), 60000);
    const [first, second] = shop.calls(/goods/);
    return second.at_ms - first.at_ms;
  };
  assert.equal(await waits('3'), 3000);
  assert.equal(await waits('3600'), 5000);
});

test('a proxy\'s error page is repeated, although it has no problem document', async () => {
  const { phone, pay, shop } = begin();
  const answer = shop.handle.bind(shop);
  let pages = 1;
  shop.handle = (request) => {
    if (/goods/.test(request.path) && pages > 0) {
      pages -= 1;
      return { statusCode: 502, data: '<html>Bad Gateway</html>', header: {} };
    }
    return answer(request);
  };
  const { value } = await after(phone, pay.call(GOODS));
  assert.equal(value.data.length, 3);
});

test('no answer at all is unreachable', async () => {
  const { phone, pay } = begin();
  phone.online = false;
  const { error } = await after(phone, pay.call(GOODS));
  assert.equal(error.kind, 'unreachable');
  assert.equal(error.retryable, true);
});

test('the countdown\'s clock is the server\'s', async () => {
  const { phone, pay, shop } = begin();
  const answer = shop.answer.bind(shop);
  shop.answer = (...given) => {
    const told = answer(...given);
    return { ...told, header: { ...told.header, Date: new Date(phone.clock.now + 600000).toUTCString() } };
  };
  await after(phone, pay.call(GOODS), 0);
  assert.equal(pay.serverNow() - phone.clock.now, 600000);
});
