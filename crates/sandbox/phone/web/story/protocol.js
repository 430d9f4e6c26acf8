/** A payment in eleven steps, in the words of somebody who explains it. Chinese and English. */

export const TEXTS = {
  invite: { zh: '试着买一杯茶', en: 'Try buying a cup of tea' },
  inviteMore: {
    zh: '左边是一部真的在跑小程序的手机。点一件商品、去付款，输入密码 123456。下面每一支箭头都会在这里真实发生：谁对谁说了什么，用什么签了名，微信认不认。',
    en: 'On the left is a phone that really runs the mini program. Pick something, go to pay, and type the password 123456. Each arrow below will then happen here for real: who said what to whom, what was signed with, and whether WeChat believed it.',
  },
  map: { zh: '一次支付的全部步骤', en: 'All steps of one payment' },
  mapMore: {
    zh: '三方各守一条线：小程序不碰密钥，商户服务器不信小程序的话，真相只在微信。',
    en: 'Three parties, each with a lifeline of its own: the mini program touches no keys, the server takes no word of the mini program for granted, and only WeChat knows the truth.',
  },
  moral: {
    zh: '一句话：只有签过名的回答才算数；通知会丢，查询不会。',
    en: 'In one sentence: only signed answers count; notifications may be lost, a query is not.',
  },
  page: { zh: '官方文档', en: 'official page' },
};

/** @typedef {{ zh: string, en: string }} Pair */

/** @type {{ from: string, to: string, title: Pair, says: Pair, kind?: string, page?: keyof typeof import('./pages.js').PAGES }[]} */
export const STEPS = [
  {
    from: 'phone', to: 'platform', kind: 'login_code',
    title: { zh: 'wx.login', en: 'wx.login' },
    says: {
      zh: '小程序向微信要一个一次性 code，五分钟内有效。',
      en: 'The mini program asks WeChat for a one-time code, good for five minutes.',
    },
  },
  {
    from: 'server', to: 'platform',
    title: { zh: '用 code 换 openid', en: 'Trade the code for an openid' },
    says: {
      zh: '服务器用 AppSecret 换得买家的 openid，再发给小程序自己的会话令牌。',
      en: 'With its AppSecret the server learns the buyer\'s openid, and gives the mini program a session of its own.',
    },
  },
  {
    from: 'phone', to: 'server', kind: 'request',
    title: { zh: '下单', en: 'Place an order' },
    says: {
      zh: '小程序只说买什么、买几件；价格由服务器算，单号由服务器定。',
      en: 'The mini program says what and how many; the server sets the price and makes the order number.',
    },
  },
  {
    from: 'server', to: 'platform', page: 'prepay',
    title: { zh: '签名下单，得到 prepay_id', en: 'Signed order, for a prepay_id' },
    says: {
      zh: '请求用商户私钥签名；微信验签后记下订单，返回两小时有效的 prepay_id。',
      en: 'The request is signed with the merchant\'s private key. WeChat verifies it, books the order and returns a prepay_id, good for two hours.',
    },
  },
  {
    from: 'server', to: 'phone', kind: 'request',
    title: { zh: '支付参数', en: 'Payment fields' },
    says: {
      zh: 'timeStamp、nonceStr、package、signType、paySign：服务器签好，小程序原样传递。',
      en: 'timeStamp, nonceStr, package, signType, paySign: signed by the server, passed on untouched.',
    },
  },
  {
    from: 'phone', to: 'platform', kind: 'cashier', page: 'invoke',
    title: { zh: 'wx.requestPayment', en: 'wx.requestPayment' },
    says: {
      zh: '微信核对 paySign 才打开收银台；买家输入密码。',
      en: 'WeChat verifies paySign before it opens the cashier; the buyer types the password.',
    },
  },
  {
    from: 'platform', to: 'platform', kind: 'state', page: 'states',
    title: { zh: 'NOTPAY → SUCCESS', en: 'NOTPAY → SUCCESS' },
    says: {
      zh: '钱已付，这时只有微信知道。',
      en: 'Paid, and so far only WeChat knows.',
    },
  },
  {
    from: 'platform', to: 'server', kind: 'notification', page: 'notification',
    title: { zh: '支付成功通知', en: 'Payment notification' },
    says: {
      zh: '签名并加密；五秒内答 200 或 204，否则重发，最多 15 次。它可能丢。',
      en: 'Signed and sealed. Answer 200 or 204 within five seconds, or it is resent, at most 15 times. It may get lost.',
    },
  },
  {
    from: 'phone', to: 'server', kind: 'request',
    title: { zh: '确认支付结果', en: 'Ask how it went' },
    says: {
      zh: 'requestPayment:ok 不是凭证，小程序总要问一次服务器。',
      en: '"requestPayment:ok" is no proof: the mini program always asks the server.',
    },
  },
  {
    from: 'server', to: 'platform', page: 'query',
    title: { zh: '查询订单', en: 'Query the order' },
    says: {
      zh: '没等到通知也不要紧：签名去查，验签后的 SUCCESS 才算数。',
      en: 'No notification yet? Never mind: ask, and count only a SUCCESS whose signature holds.',
    },
  },
  {
    from: 'server', to: 'phone', kind: 'request',
    title: { zh: '“支付成功”', en: '"Paid"' },
    says: {
      zh: '到这里，小程序才告诉买家成功了。',
      en: 'Only here does the mini program tell the buyer that it worked.',
    },
  },
];
