/** One `wx.request`, as a promise that tells an answer, a problem and silence apart. */
const { configured } = require('./config');
const { PayError } = require('./errors');
const clock = require('./clock');

/** The server gives up after 15 s (`server.request_timeout_ms`) and says so; we wait for that. */
const TIMEOUT_MS = 20000;

/** Longest that a `Retry-After` is obeyed; somebody is looking at the screen. */
const RETRY_AFTER_MS_MAX = 5000;

/**
 * @typedef {object} Question
 * @property {'GET' | 'POST'} method
 * @property {string} path  begins with `/v1/`
 * @property {object} [data]  the JSON body of a POST
 * @property {Record<string, string>} [header]
 */

/** @typedef {{statusCode: number, data: any, header?: Record<string, any>}} Answer */

/**
 * @param {Question} question
 * @returns {Promise<any>} the body of a 2xx answer
 * @throws {PayError}
 */
function request(question) {
  return new Promise((resolve, reject) => {
    const common = {
      url: configured().baseUrl + question.path,
      method: question.method,
      header: Object.assign({ 'Content-Type': 'application/json' }, question.header),
      timeout: TIMEOUT_MS,
      success: (/** @type {Answer} */ answer) => {
        clock.learn(answer.header);
        if (answer.statusCode >= 200 && answer.statusCode < 300) {
          resolve(answer.data);
        } else {
          reject(problem(answer));
        }
      },
      fail: (/** @type {{errMsg: string}} */ failure) =>
        reject(new PayError('unreachable', { errMsg: failure.errMsg })),
    };
    // As text, so that what is sent does not depend on how a client turns objects into bodies.
    const body = question.method === 'POST' ? { data: JSON.stringify(question.data || {}) } : {};
    wx.request(Object.assign(common, body));
  });
}

/**
 * @param {Answer} answer
 * @returns {PayError}
 */
function problem(answer) {
  const body = answer.data && typeof answer.data === 'object' ? answer.data : parsed(answer.data);
  return new PayError('refused', {
    code: typeof body.code === 'string' ? body.code : '',
    status: answer.statusCode,
    // A proxy's 502 has no problem document; asking again is what one does about it.
    retryable: typeof body.retryable === 'boolean' ? body.retryable : answer.statusCode >= 500,
    title: typeof body.title === 'string' ? body.title : '',
    requestId: typeof body.request_id === 'string' ? body.request_id : '',
    retryAfterMs: retryAfter(answer.header),
  });
}

/**
 * `application/problem+json` is not JSON to every client, so the text may arrive unparsed.
 * @param {any} text
 * @returns {any}
 */
function parsed(text) {
  try {
    const body = JSON.parse(text);
    return body && typeof body === 'object' ? body : {};
  } catch (error) {
    return {};
  }
}

/** @param {Record<string, any> | undefined} header */
function retryAfter(header) {
  const seconds = Number(header && (header['Retry-After'] || header['retry-after']));
  return seconds > 0 ? Math.min(seconds * 1000, RETRY_AFTER_MS_MAX) : 0;
}

module.exports = { request };
