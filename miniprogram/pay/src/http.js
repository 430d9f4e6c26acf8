/** A call with the buyer's session: renewed once when it has ended, repeated when that is safe. */
const { PayError } = require('./errors');
const { request } = require('./request');
const session = require('./session');
const { wait } = require('./wait');

/**
 * Waits before a call is sent again, milliseconds. Every call of this module may be repeated:
 * reads by nature, new orders by their Idempotency-Key. Two repeats bridge a changing network;
 * more would let somebody look at a spinner.
 */
const RETRY_AFTER_MS = [400, 1200];

/**
 * @param {import('./request').Question} question
 * @param {{retry?: boolean}} [options]  `retry: false` for callers with a schedule of their own
 * @returns {Promise<any>} the body of the answer
 * @throws {PayError}
 */
async function call(question, options) {
  const waits = options && options.retry === false ? [] : RETRY_AFTER_MS;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await withSession(question);
    } catch (error) {
      if (attempt >= waits.length || !(error instanceof PayError) || !error.retryable) {
        throw error;
      }
      await wait(Math.max(waits[attempt], error.retryAfterMs));
    }
  }
}

/**
 * One silent login when the session has ended; a second 401 is the caller's to see.
 * @param {import('./request').Question} question
 */
async function withSession(question) {
  const token = await session.token();
  try {
    return await request(authorised(question, token));
  } catch (error) {
    if (!(error instanceof PayError) || error.status !== 401) {
      throw error;
    }
    return request(authorised(question, await session.renewed(token)));
  }
}

/**
 * @param {import('./request').Question} question
 * @param {string} token
 */
function authorised(question, token) {
  // In a header, not in the URL: query strings end in logs.
  const header = Object.assign({}, question.header, { Authorization: 'Bearer ' + token });
  return Object.assign({}, question, { header });
}

module.exports = { call };
