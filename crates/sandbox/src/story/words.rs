//! What the story says, in both languages.

use std::borrow::Cow;

use serde::Serialize;

use crate::auth::Cause;

/// A text in Chinese and in English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Words {
    /// For people, in Chinese.
    pub(crate) zh: Cow<'static, str>,
    /// For people, in English.
    pub(crate) en: Cow<'static, str>,
}

impl From<(&'static str, &'static str)> for Words {
    fn from((zh, en): (&'static str, &'static str)) -> Self {
        Self {
            zh: Cow::Borrowed(zh),
            en: Cow::Borrowed(en),
        }
    }
}

impl From<(String, String)> for Words {
    fn from((zh, en): (String, String)) -> Self {
        Self {
            zh: Cow::Owned(zh),
            en: Cow::Owned(en),
        }
    }
}

impl From<&Cause> for Words {
    fn from(cause: &Cause) -> Self {
        Self {
            zh: cause.zh.clone(),
            en: cause.en.clone(),
        }
    }
}

pub(crate) const HUNG_UP: (&str, &str) = (
    "提问的一方没有等到回答就挂断了：它不知道事情做成了没有，只能再去问。",
    "whoever asked hung up before the answer: it cannot know whether the thing was done, and has \
     to ask again.",
);
pub(super) const CODE_TO_SERVER: (&str, &str) = (
    "小程序把 wx.login 得到的 code 交给商户服务器；服务器拿它去微信换 openid，openid 不经过小程序。",
    "the mini program hands the code from wx.login to the merchant's server, which exchanges it \
     with WeChat for the openid.",
);
pub(super) const FIVE_FIELDS: (&str, &str) = (
    "商户服务器下单成功，返回调起支付的五个字段。小程序一个字都不能改，原样交给 wx.requestPayment。",
    "the order is placed: these are the five fields that open the cashier. The mini program hands \
     them to wx.requestPayment without touching one.",
);
pub(super) const SERVER_FAILED: (&str, &str) = (
    "商户服务器出错。5xx 不等于没有做成：小程序应当查询状态，而不是当作失败。",
    "the merchant's server failed. A 5xx does not mean that nothing was done: ask for the state, \
     do not call it a failure.",
);
pub(super) const NOT_IN_DOMAIN_LIST: (&str, &str) = (
    "这个地址不在小程序的 request 合法域名里，请求没有离开手机。真机上要在公众平台配置；\
     沙箱里用 --domain。",
    "this address is not on the mini program's list of request domains, so it never left the \
     phone. On a real phone the list is kept in WeChat's console; here it is --domain.",
);
pub(super) const REQUEST_TIMEOUT: (&str, &str) = (
    "小程序等不到回答了。服务器可能已经做了这件事：重试要用同一个幂等键。",
    "the mini program gave up waiting. The server may well have done it: try again with the same \
     idempotency key.",
);
pub(super) const NO_ANSWER: (&str, &str) = (
    "没有连上商户服务器，或者连接中途断开。",
    "the merchant's server could not be reached, or the connection broke off.",
);
pub(super) const SIGNED_REQUEST: (&str, &str) = ("请求签名串", "What signs the request");
pub(super) const SIGNED_ANSWER: (&str, &str) = ("应答签名串", "What signs the answer");
pub(super) const SIGNED_NOTIFICATION: (&str, &str) = ("通知签名串", "What signs the notification");
pub(super) const SIGNED_PAYMENT: (&str, &str) = ("paySign 签名串", "What paySign is made over");

pub(super) const LOGIN_CODE: (&str, &str) = (
    "微信客户端给小程序一个一次性的 code，5 分钟内有效。小程序自己不知道用户是谁：要由商户服务器\
     拿 code 去换 openid。",
    "WeChat's client gives the mini program a code that works once, for five minutes. The mini \
     program does not learn who the user is: its server exchanges the code for the openid.",
);
pub(super) const CASHIER_OPEN: (&str, &str) = (
    "微信用商户证书验证了 paySign，找到 prepay_id 对应的订单，打开收银台。金额以下单时为准，\
     手机改不了。",
    "WeChat verified paySign with the merchant's certificate and found the order of this \
     prepay_id. The amount is the one of the order; the phone cannot change it.",
);
pub(super) const PAY_SIGN_FAILED: (&str, &str) = (
    "paySign 验证失败，收银台没有打开。paySign 由商户服务器用私钥对下面四行（每行以 \\n 结尾）计算。",
    "paySign does not hold, so the cashier stays shut. The merchant's server makes it with its \
     private key over the four lines below, each ended by \\n.",
);
pub(super) const PAID: (&str, &str) = (
    "密码正确，钱已付给微信。小程序收到 requestPayment:ok，但这只是“可以去问服务器了”，不是凭据。",
    "the password is right and the money is taken. The mini program gets requestPayment:ok, which \
     only means: now ask the server. It proves nothing.",
);
pub(super) const LEFT: (&str, &str) = (
    "用户取消，小程序收到 requestPayment:fail cancel。订单没有变，2 小时内还能用同一组参数再付。",
    "the user left; the mini program gets requestPayment:fail cancel. The order is unchanged and \
     can be paid with the same parameters for two hours.",
);

pub(super) const PAYMENT_NOTICE: (&str, &str) = ("支付结果通知", "Payment notification");
pub(super) const NOTIFICATION: (&str, &str) = (
    "微信把结果用 APIv3 密钥加密、用平台私钥签名，发到 notify_url。商户要先验签、再解密、再核对\
     金额，5 秒内应答。",
    "WeChat seals the result with the APIv3 key, signs it, and posts it to notify_url. The \
     merchant verifies, opens, compares the amount, and answers within five seconds.",
);
pub(super) const RECEIVED: (&str, &str) = (
    "商户验签、解密后应答 200 或 204：微信知道商户收到了，不再重发。",
    "the merchant answered 200 or 204: WeChat knows that it was received and sends it no more.",
);
pub(super) const NOT_RECEIVED: (&str, &str) = (
    "商户的应答不是 200 或 204，微信当作没有收到。",
    "the merchant answered something else than 200 or 204, which counts as not received.",
);
pub(super) const NOT_REACHED: (&str, &str) = (
    "商户没有在 5 秒内应答，或者连不上。",
    "the merchant did not answer within five seconds, or could not be reached.",
);
pub(super) const LOST: (&str, &str) = (
    "故障开关：通知丢在路上，商户什么也没收到。通知本来就可能丢，所以小程序付完款要让服务器去查单。",
    "a fault: the notification got lost on the way. They do get lost, which is why the server \
     queries the order when the mini program comes back from the cashier.",
);
pub(super) const FORGERY_REFUSED: (&str, &str) = (
    "故障开关让这次签名不可信，商户拒绝了它：做得对。任何人都能往 notify_url 发请求。",
    "a fault made this signature worthless, and the merchant refused it. Rightly: anybody can \
     post to notify_url.",
);
pub(super) const FORGERY_ACCEPTED: (&str, &str) = (
    "故障开关让这次签名不可信，商户却收下了。请检查验签：否则谁都能伪造“已支付”。（确认收到但不入账\
     也会这样显示。）",
    "a fault made this signature worthless, and the merchant took it. Look at how it verifies, or \
     anybody can forge a payment. (Answering 200 without booking looks the same from here.)",
);
pub(super) const PUT_OFF: (&str, &str) = (
    "故障开关：微信要过一会儿才发这次通知。商户不能干等，要自己查单。",
    "a fault: WeChat sends this one later. The merchant does not sit and wait; it queries.",
);
pub(super) const GIVEN_UP: (&str, &str) = (
    "24 小时 4 分钟内重发 15 次都没有成功，微信不再通知。从此只有查单能知道结果。",
    "15 resends within 24 hours and 4 minutes have failed, and there will be no more. From now on \
     only a query tells.",
);

pub(super) const CLOSED_BY_MERCHANT: (&str, &str) = (
    "商户关闭了订单：谁也不能再付。",
    "the merchant has closed the order: nobody can pay it any more.",
);
pub(super) const CLOSED_BY_AGE: (&str, &str) = (
    "订单满 7 天没有付，微信自动关闭。",
    "unpaid for seven days: WeChat has closed the order by itself.",
);
