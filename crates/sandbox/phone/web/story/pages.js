/** Where WeChat Pay itself explains a step. Pure. */

const MERCHANT = 'https://pay.weixin.qq.com/doc/v3/merchant/';

export const PAGES = {
  prepay: `${MERCHANT}4012791897`,
  invoke: `${MERCHANT}4012791898`,
  query: `${MERCHANT}4012791859`,
  queryById: `${MERCHANT}4012791858`,
  close: `${MERCHANT}4012791860`,
  notification: `${MERCHANT}4012791861`,
  states: `${MERCHANT}4012791870`,
};

/**
 * The page for an entry, or `null` where we know of none.
 *
 * @param {{ kind: string, request?: { target: string } | null }} entry
 * @returns {string | null}
 */
export function pageOf({ kind, request }) {
  if (kind === 'notification') return PAGES.notification;
  if (kind === 'cashier') return PAGES.invoke;
  if (kind === 'state') return PAGES.states;
  if (kind !== 'api') return null;
  const path = (request?.target ?? '').replace(/^https?:\/\/[^/]+/, '').replace(/\?.*$/, '');
  if (path === '/v3/pay/transactions/jsapi') return PAGES.prepay;
  if (/^\/v3\/pay\/transactions\/out-trade-no\/[^/]+\/close$/.test(path)) return PAGES.close;
  if (/^\/v3\/pay\/transactions\/out-trade-no\/[^/]+$/.test(path)) return PAGES.query;
  if (/^\/v3\/pay\/transactions\/id\/[^/]+$/.test(path)) return PAGES.queryById;
  return null;
}
