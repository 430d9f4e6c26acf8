/** The five fields, as the phone itself looks at them before it asks anybody. */

const FIELDS = ['timeStamp', 'nonceStr', 'package', 'signType', 'paySign'];
const TYPE = ['[object '.length, -1];

/**
 * @param {Record<string, any>} options
 * @returns {{ message: string, zh: string, en: string } | null} `message` follows `requestPayment:fail `
 */
export function fieldProblem(options) {
  for (const name of FIELDS) {
    const problem = judge(name, options[name]);
    if (problem) return problem;
  }
  return null;
}

function judge(name, value) {
  // The cashier of a phone names what is missing like this; a number counts as missing.
  // Source: field reports; that it is said for each of the five is uncertain.
  const message = `调用支付JSAPI缺少参数:${name}`;
  if (value === undefined || value === null || value === '') {
    return {
      message,
      zh: `缺少参数 ${name}：五个字段都由服务端给出，请原样传递。`,
      en: `${name} is missing: the server gives all five fields; pass them on untouched.`,
    };
  }
  if (typeof value !== 'string') {
    const found = Object.prototype.toString.call(value).slice(...TYPE);
    return {
      message,
      zh: `${name} 必须是字符串，收到的是 ${found}；请原样传递服务端给出的值。`,
      en: `${name} must be a String, not a ${found}; pass on what the server gave.`,
    };
  }
  return null;
}
