/** Bytes in a request key: 128 bits, so that two never meet. */
const KEY_BYTES = 16;

/**
 * A fresh `Idempotency-Key`. Make one per intent to buy, and keep it until the order is known:
 * the same key with every retry is what makes a double tap or a lost answer one order.
 * @returns {Promise<string>}
 */
function newKey() {
  return new Promise((resolve, reject) => {
    wx.getRandomValues({
      length: KEY_BYTES,
      success: (result) => resolve('mp-' + hex(new Uint8Array(result.randomValues))),
      fail: (result) => reject(new Error(result.errMsg)),
    });
  });
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Array.from(bytes, (byte) => (byte < 16 ? '0' : '') + byte.toString(16)).join('');
}

module.exports = { newKey };
