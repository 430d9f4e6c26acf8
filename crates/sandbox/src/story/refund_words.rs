//! What the story says about refunds, in both languages.

use serde_json::Value;

use super::words::Words;
use crate::gateway::RefundCall;
use crate::ledger::{RefundChange, RefundStatus};

type Pair = (&'static str, &'static str);

/// A refund's status changed: title and sentence.
pub(super) fn state(change: &RefundChange) -> (Words, Words) {
    let amount = change.amount;
    match change.status {
        RefundStatus::Processing if change.again => (
            ("退款：重新处理 PROCESSING", "Refund: PROCESSING again").into(),
            REDIRECTED.into(),
        ),
        RefundStatus::Processing => (
            ("订单：有退款 REFUND", "Order: REFUND").into(),
            accepted(change),
        ),
        RefundStatus::Success(_) => (
            ("退款：已退回 SUCCESS", "Refund: SUCCESS").into(),
            (
                format!("{amount} 元退款完成。商户服务器此刻还不知道：要等通知，或自己去查。"),
                format!(
                    "the refund of {amount} yuan is done. The merchant's server does not know yet: \
                     it waits for the notification, or asks."
                ),
            )
                .into(),
        ),
        RefundStatus::Abnormal => (
            ("退款：异常 ABNORMAL", "Refund: ABNORMAL").into(),
            ABNORMAL.into(),
        ),
        RefundStatus::Closed => (
            ("退款：已关闭 CLOSED", "Refund: CLOSED").into(),
            CLOSED.into(),
        ),
    }
}

const REDIRECTED: Pair = (
    "商户为异常退款指定了新的去处，微信再退一次。",
    "the merchant has said where the money of the abnormal refund goes, and WeChat tries again.",
);
const ABNORMAL: Pair = (
    "钱退不回去：付款的银行卡不能用了，零钱账户也收不了。要有人处理：发起异常退款，或在商户平台操作。",
    "the money cannot be delivered: the card is dead, and the account cannot take it. Somebody has \
     to act: by an abnormal refund, or in the merchant's console.",
);
const CLOSED: Pair = (
    "退款关闭，钱没有退，这部分金额可以再退：要换一个新的商户退款单号。",
    "the refund is closed and no money went back. The amount is free again, for a refund under a \
     new number.",
);

fn accepted(change: &RefundChange) -> Words {
    let RefundChange {
        out_refund_no,
        amount,
        left,
        ..
    } = change;
    let zh = format!(
        "微信受理了退款 {out_refund_no}：{amount} 元，之后还能再退 {left} 元。受理不等于到账；订单\
         从此是 REFUND，但它仍然是付过的。"
    );
    let en = format!(
        "WeChat has accepted refund {out_refund_no}: {amount} yuan, and {left} can still be \
         refunded. Accepted is not arrived; the order is REFUND from now on, and was paid all the \
         same."
    );
    (zh, en).into()
}

/// The call in a few words.
pub(super) fn title(call: &RefundCall) -> Pair {
    match call {
        RefundCall::Create => ("申请退款", "Refund"),
        RefundCall::Query(_) => ("查询退款", "Query refund"),
        RefundCall::Abnormal(_) => ("申请异常退款", "Abnormal refund"),
    }
}

/// What an answer means.
pub(super) fn success(call: &RefundCall, answer: &str) -> Pair {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    let status = answer["status"].as_str();
    match call {
        RefundCall::Create if status == Some("PROCESSING") => (
            "微信受理了退款，钱还没有退到（PROCESSING）。退款单号是幂等键：不知道结果时先查，再用\
             同一个号、同样的参数重试，不会退两次。",
            "WeChat has accepted the refund; the money is not back yet (PROCESSING). The number is \
             the key: in doubt query, then repeat with the same number and parameters, and nothing \
             goes back twice.",
        ),
        RefundCall::Create => (
            "这个退款单号以前受理过，微信返回的是同一笔退款的现状，没有再退一次。",
            "this number was accepted before: the answer is where that refund stands, and nothing \
             went back a second time.",
        ),
        RefundCall::Query(_) => queried(status),
        RefundCall::Abnormal(_) => (
            "微信受理了异常退款：钱换一条路退，退到商户指定的银行卡。卡号和姓名用平台公钥加密。",
            "WeChat has accepted the abnormal refund: the money takes another way, to the card \
             that the merchant named. Card and name are sealed with the platform's key.",
        ),
    }
}

fn queried(status: Option<&str>) -> Pair {
    match status {
        Some("SUCCESS") => (
            "微信说：已退回（SUCCESS）。",
            "WeChat says: the money is back (SUCCESS).",
        ),
        Some("ABNORMAL") => (
            "微信说：退款异常（ABNORMAL），要有人来处理，不会自己好。",
            "WeChat says: it cannot be delivered (ABNORMAL). This does not heal by itself.",
        ),
        Some("CLOSED") => (
            "微信说：退款已关闭（CLOSED），钱没有退；再退要用新的退款单号。",
            "WeChat says: closed (CLOSED), nothing went back; another try needs a new number.",
        ),
        _ => (
            "微信说：还在退（PROCESSING）。过一会儿再问，间隔越来越长。",
            "WeChat says: under way (PROCESSING). Ask again later, at growing intervals.",
        ),
    }
}

/// What a refusal means; `None` if nothing special.
pub(super) fn refusal(call: &RefundCall, code: &str) -> Option<Pair> {
    let pair: Pair = match (call, code) {
        (RefundCall::Create, "RESOURCE_NOT_EXISTS") => (
            "没有这笔订单，或者还没有付：没有钱可退。先查单。",
            "there is no such order, or nobody has paid it: there is nothing to refund. Query the \
             order first.",
        ),
        (RefundCall::Query(_), "RESOURCE_NOT_EXISTS") => (
            "微信没有受理过这个退款单号：用同一个号、同样的参数再申请是安全的。",
            "WeChat never accepted a refund of this number: asking for it with the same number and \
             parameters is safe.",
        ),
        (_, "NOT_ENOUGH") => (
            "商户账户里的钱不够退。充值后用同一个号、同样的参数再申请。",
            "the merchant's account has not enough. After filling it, the same number and \
             parameters will do.",
        ),
        (_, "USER_ACCOUNT_ABNORMAL") => (
            "付款人的账户已经注销，退不了：只能在微信之外和买家结清。",
            "the payer's account is gone: this has to be settled outside WeChat.",
        ),
        (_, "TRADE_OVERDUE") => (
            "付款已经超过一年，不能再退。",
            "it was paid more than a year ago and cannot be refunded any more.",
        ),
        (_, "FREQUENCY_LIMITED") => (
            "太频繁了。退款也许已经受理：先按退款单号查询，再用同一个号重试。",
            "too often. The refund may have been accepted all the same: query its number, then \
             repeat with it.",
        ),
        _ => return None,
    };
    Some(pair)
}

/// The title of a notification about a refund.
pub(super) const NOTICE: Pair = ("退款结果通知", "Refund notification");
