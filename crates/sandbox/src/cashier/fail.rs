//! A cashier that does not open, in the phone's words and in ours.
//!
//! The phone's words are documented or quoted from field reports. Source:
//! pay.weixin.qq.com/doc/v3/merchant/4012791898

use fen::Fen;
use serde_json::{Value, json};

use crate::story::words::Words;

const SIGNATURE_FAILED: &str = "支付验证签名失败";
const ORDER_DEAD: &str = "该订单已失效";

/// A cashier that does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fail {
    message: String,
    reason: String,
    reason_en: String,
    /// Whether the sheet stays open for another try.
    retry: bool,
}

impl Fail {
    pub(super) fn new(
        message: &str,
        reason: impl Into<String>,
        reason_en: impl Into<String>,
    ) -> Self {
        Self {
            message: message.to_owned(),
            reason: reason.into(),
            reason_en: reason_en.into(),
            retry: false,
        }
    }

    pub(crate) fn shown(&self) -> Value {
        let mut shown = json!({
            "errMsg": self.err_msg(),
            "reason": self.reason,
            "reason_en": self.reason_en,
        });
        if self.retry {
            shown["retry"] = Value::Bool(true);
        }
        shown
    }

    /// As the phone says it to the mini program.
    pub(crate) fn err_msg(&self) -> String {
        format!("requestPayment:fail {}", self.message)
    }

    /// For the story.
    pub(crate) fn words(&self) -> Words {
        (self.reason.clone(), self.reason_en.clone()).into()
    }

    /// Whether it is about what `paySign` was made over.
    pub(super) fn is_about_the_signature(&self) -> bool {
        self.message == SIGNATURE_FAILED
    }

    fn with_retry(self) -> Self {
        Self {
            retry: true,
            ..self
        }
    }

    pub(super) fn missing(name: &str) -> Self {
        let message = format!("调用支付JSAPI缺少参数:{name}");
        Self::new(
            &message,
            format!("缺少参数 {name}"),
            format!("{name} is missing"),
        )
    }

    pub(super) fn not_text(name: &str) -> Self {
        let message = format!("调用支付JSAPI缺少参数:{name}");
        let zh = format!("{name} 必须是字符串，收到的是数字或其他类型；请原样传递服务端返回的值");
        let en = format!("{name} must be a string, not a number: pass on what the server gave");
        Self::new(&message, zh, en)
    }

    pub(super) fn unknown_prepay(found: &str) -> Self {
        let shown: String = found.chars().take(64).collect();
        Self::new(
            ORDER_DEAD,
            format!("没有这个 prepay_id：{shown}"),
            format!("nobody was given this prepay_id: {shown}"),
        )
    }

    pub(super) fn prepay_expired() -> Self {
        Self::new(
            ORDER_DEAD,
            "prepay_id 已过期（有效期 2 小时）：请用相同参数重新下单取新的 prepay_id",
            "the prepay_id has expired (2 h): order again with the same parameters for a new one",
        )
    }

    pub(super) fn past_time_expire() -> Self {
        Self::new(
            ORDER_DEAD,
            "订单已过支付截止时间 time_expire",
            "time_expire has passed",
        )
    }

    pub(super) fn already_paid() -> Self {
        Self::new(
            "该订单已支付",
            "该订单已支付，不会重复扣款",
            "paid before; nothing was taken",
        )
    }

    pub(super) fn closed() -> Self {
        Self::new(
            "该订单已关闭",
            "该订单已关闭：请用新的商户订单号下单",
            "the order is closed",
        )
    }

    pub(super) fn other_payer() -> Self {
        Self::new(
            "下单账号与支付账号不一致",
            "下单账号与支付账号不一致：prepay 里的 openid 不是这个用户的",
            "the prepay names another payer's openid",
        )
    }

    pub(super) fn link_expired() -> Self {
        Self::new(
            "该订单已失效",
            "h5_url 已过期（5 分钟）：请用相同参数重新下单",
            "the h5_url has expired (5 min): order again with the same parameters",
        )
    }

    pub(super) fn link_replaced() -> Self {
        Self::new(
            "该订单已失效",
            "这个二维码已被新的 code_url 取代",
            "a newer code_url has replaced this one",
        )
    }

    pub(super) fn wrong_product() -> Self {
        Self::new(
            "支付场景非法",
            "该订单不是用这种方式下的单",
            "the order is of another product",
        )
    }

    pub(super) fn wrong_password() -> Self {
        Self::new(
            "支付密码错误，请重试",
            "支付密码错误，请重试（沙箱里是 123456）",
            "wrong password, try again (here it is 123456)",
        )
        .with_retry()
    }

    pub(super) fn not_enough(balance: Fen) -> Self {
        Self::new(
            "余额不足",
            format!("余额不足：零钱只有 {balance} 元，没有扣款"),
            format!("not enough money: {balance} yuan in the purse; nothing was taken"),
        )
        .with_retry()
    }

    pub(super) fn signature(reason: impl Into<String>, reason_en: impl Into<String>) -> Self {
        Self::new(SIGNATURE_FAILED, reason, reason_en)
    }

    pub(super) fn missing_prefix(zh: &str, en: &str) -> Self {
        Self::new("调用支付JSAPI缺少参数:package", zh, en)
    }
}
