//! What the story says, in both languages.

use std::borrow::Cow;

use serde::Serialize;

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
