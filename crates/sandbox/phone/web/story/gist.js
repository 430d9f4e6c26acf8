/** The one thing that an answer brings back, short enough to stand on its arrow. Pure. */

/** Longer values are cut: the inspector has the whole. */
const MAX_VALUE = 9;

function short(value) {
  const text = String(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text;
}

/** Fen as yuan, without a float on the way. */
function yuan(fen) {
  const digits = String(fen).padStart(3, '0');
  return `¥${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The first that fits an answer's members. */
const GISTS = [
  ({ prepay_id: id }) => id && `prepay_id ${short(id)}`,
  ({ payment }) => payment?.paySign && 'paySign …',
  ({ refund_id: id, status }) => id && status && `status ${status}`,
  ({ trade_state: state }) => state && `trade_state ${state}`,
  ({ order }) => order?.state && `order ${order.state}`,
  ({ openid }) => openid && `openid ${short(openid)}`,
  ({ errMsg, code }) => errMsg === 'login:ok' && code && `code ${short(code)}`,
  ({ errMsg }) => /^requestPayment:(ok|fail cancel)$/.test(errMsg) && errMsg,
  ({ cashier_id: id, amount_fen: fen }) => id && Number.isInteger(fen) && yuan(fen),
  ({ token, expires_at: until }) => token && until && 'token',
];

/**
 * @param {{ outcome: string, answer?: { body?: string } | null }} entry
 * @returns {string | null}
 */
export function gistOf({ outcome, answer }) {
  if (outcome !== 'ok' || !answer?.body) return null;
  let value;
  try {
    value = JSON.parse(answer.body);
  } catch {
    return null;
  }
  if (value === null || typeof value !== 'object') return null;
  for (const gist of GISTS) {
    const text = gist(value);
    if (text) return text;
  }
  return null;
}
