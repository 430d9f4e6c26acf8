/**
 * The one kind of error that this module throws.
 *
 * - `unreachable`: no answer came. The server may or may not have done the work.
 * - `refused`: the server answered with a problem document (docs/errors/).
 * - `login`: WeChat gave no login code.
 */
class PayError extends Error {
  /**
   * @param {'unreachable' | 'refused' | 'login'} kind
   * @param {{code?: string, status?: number, retryable?: boolean, title?: string,
   *          requestId?: string, retryAfterMs?: number, errMsg?: string}} [facts]
   */
  constructor(kind, facts) {
    const known = facts || {};
    super(kind + ': ' + (known.code || known.errMsg || ''));
    this.name = 'PayError';
    this.kind = kind;
    /** The server's code, such as `ORDER_NOT_PAYABLE`; empty when there was no answer. */
    this.code = known.code || '';
    this.status = known.status || 0;
    /** Whether the identical request may be sent again and can help. */
    this.retryable = kind === 'unreachable' || known.retryable === true;
    /** The server's words for people: `中文 / English`. */
    this.title = known.title || '';
    /** Names the request when you ask whoever runs the server. */
    this.requestId = known.requestId || '';
    this.retryAfterMs = known.retryAfterMs || 0;
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 * @returns {error is PayError}
 */
function isCode(error, code) {
  return error instanceof PayError && error.code === code;
}

module.exports = { PayError, isCode };
