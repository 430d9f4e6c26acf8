/** What a failed call says to the person holding the phone. */
const { words, language } = require('./words');

/** @typedef {{kind: 'offline' | 'error', title: string, text: string}} Failure */

/**
 * @param {any} error
 * @returns {Promise<Failure>}
 */
async function failureOf(error) {
  const w = words();
  if (error && error.kind === 'unreachable' && (await isOffline())) {
    return { kind: 'offline', title: w.offlineTitle, text: w.offlineText };
  }
  return { kind: 'error', title: w.errorTitle, text: sentence(error) };
}

/**
 * One sentence for a toast or a line on the page.
 * @param {any} error
 * @returns {string}
 */
function sentence(error) {
  const w = words();
  if (!error || error.kind !== 'refused') {
    return error && error.kind === 'login' ? w.loginFailed : w.unreachable;
  }
  /** @type {Record<string, string>} */
  const told = w.refusals;
  return told[error.code] || ofServer(error.title) || w.errorText;
}

/**
 * The server's titles are `中文 / English`.
 * @param {string} title
 */
function ofServer(title) {
  const both = (title || '').split(' / ');
  return language() === 'zh' ? both[0] : both[both.length - 1];
}

/** @returns {Promise<boolean>} */
function isOffline() {
  return new Promise((resolve) => {
    wx.getNetworkType({
      success: (result) => resolve(result.networkType === 'none'),
      fail: () => resolve(false),
    });
  });
}

/**
 * Calls back when the network returns.
 * @param {() => void} back
 * @returns {() => void} stops listening
 */
function whenOnline(back) {
  const listener = (/** @type {any} */ status) => {
    if (status.isConnected) {
      back();
    }
  };
  wx.onNetworkStatusChange(listener);
  return () => wx.offNetworkStatusChange(listener);
}

module.exports = { failureOf, sentence, whenOnline };
