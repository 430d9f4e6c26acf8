/**
 * The buyer's session with our server. WeChat's login code becomes a token; openid and
 * session_key never come here.
 */
const { configured } = require('./config');
const { PayError } = require('./errors');
const { request } = require('./request');
const { serverNow } = require('./clock');
const storage = require('./storage');

const NAME = 'session';

/** Renewed this long before its end, so that it does not end between two calls. */
const MARGIN_MS = 60000;

/**
 * @typedef {{token: string, expires_at: string}} Session
 */

/** The login under way, so that calls that need one at the same time share it.
 * @type {Promise<Session> | undefined} */
let underWay;

/**
 * Logs in, silently. Calls in parallel share one login.
 * @returns {Promise<Session>}
 */
function login() {
  if (!underWay) {
    const done = () => {
      underWay = undefined;
    };
    underWay = exchange();
    underWay.then(done, done);
  }
  return underWay;
}

/** @returns {Promise<Session>} */
async function exchange() {
  const code = await loginCode();
  const appId = configured().appId;
  const data = appId ? { code, app_id: appId } : { code };
  const session = await request({ method: 'POST', path: '/v1/mp/login', data });
  storage.write(NAME, session);
  return session;
}

/** @returns {Promise<string>} good for one exchange, within five minutes */
function loginCode() {
  return new Promise((resolve, reject) => {
    wx.login({
      success: (result) => resolve(result.code),
      fail: (result) => reject(new PayError('login', { errMsg: result.errMsg })),
    });
  });
}

/**
 * The token to send: the one at hand, or a new one.
 * @returns {Promise<string>}
 */
async function token() {
  const session = storage.read(NAME);
  if (session && Date.parse(session.expires_at) - MARGIN_MS > serverNow()) {
    return session.token;
  }
  return (await login()).token;
}

/**
 * The server refused `refused`. Another call may have renewed the session already.
 * @param {string} refused
 * @returns {Promise<string>}
 */
async function renewed(refused) {
  const session = storage.read(NAME);
  if (session && session.token !== refused) {
    return session.token;
  }
  return (await login()).token;
}

/** Forgets the session, for example when the buyer wants to leave no trace. */
function forget() {
  storage.remove(NAME);
}

module.exports = { login, token, renewed, forget };
