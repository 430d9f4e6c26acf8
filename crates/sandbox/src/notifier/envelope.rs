//! What is in a notification.

use jiff::Timestamp;
use serde_json::{Value, json};
use wechatpay::crypto::AEAD_ALGORITHM;

use super::book::{Notice, NoticeState};
use crate::chance::Chance;
use crate::clock::rfc3339;
use crate::ledger::{Merchant, Order, Refund, RefundStatus};
use crate::settings::UnpaidAnswer;
use crate::wire::refund_answer::resource;
use crate::wire::transaction::transaction;

/// What a notification is about, in the words of its envelope.
struct Subject {
    event_type: &'static str,
    summary: &'static str,
    /// WeChat seals under this name too; the documentation's samples leave it empty.
    original_type: &'static str,
}

const PAYMENT: Subject = Subject {
    event_type: "TRANSACTION.SUCCESS",
    summary: "支付成功",
    original_type: "transaction",
};

/// The notification of a payment. Its plaintext is the answer to a query.
pub(super) fn payment(
    chance: &Chance,
    merchant: &Merchant,
    order: &Order,
    now: Timestamp,
) -> Notice {
    let plaintext = transaction(order, UnpaidAnswer::default());
    Notice {
        out_trade_no: order.key.out_trade_no.clone(),
        url: order.notify_url.clone(),
        ..sealed(chance, merchant, (&PAYMENT, plaintext), now)
    }
}

/// The notification of what became of a refund. `None` if nobody asked for one.
pub(super) fn refund(
    chance: &Chance,
    merchant: &Merchant,
    refund: &Refund,
    now: Timestamp,
) -> Option<Notice> {
    let (event_type, summary) = match refund.status {
        RefundStatus::Success(_) => ("REFUND.SUCCESS", "退款成功"),
        RefundStatus::Abnormal => ("REFUND.ABNORMAL", "退款异常"),
        RefundStatus::Closed => ("REFUND.CLOSED", "退款关闭"),
        RefundStatus::Processing => return None,
    };
    let subject = Subject {
        event_type,
        summary,
        original_type: "refund",
    };
    Some(Notice {
        out_trade_no: refund.order.out_trade_no.clone(),
        out_refund_no: Some(refund.key.out_refund_no.clone()),
        url: refund.notify_url.clone()?,
        ..sealed(chance, merchant, (&subject, resource(refund)), now)
    })
}

/// A notification without its address.
fn sealed(
    chance: &Chance,
    merchant: &Merchant,
    (subject, plaintext): (&Subject, Value),
    now: Timestamp,
) -> Notice {
    let nonce = chance.letters(12);
    let name = subject.original_type;
    let text = plaintext.to_string();
    let ciphertext = merchant.api_v3_key.seal(&nonce, name, text.as_bytes());
    let id = chance.uuid();
    let body = json!({
        "id": id,
        "create_time": rfc3339(now),
        "resource_type": "encrypt-resource",
        "event_type": subject.event_type,
        "summary": subject.summary,
        "resource": {
            "original_type": name,
            "algorithm": AEAD_ALGORITHM,
            "ciphertext": ciphertext.expect("a 12-byte nonce and a short text can be sealed"),
            "associated_data": name,
            "nonce": nonce,
        },
    });
    Notice {
        id,
        mchid: merchant.mchid.clone(),
        out_trade_no: String::new(),
        out_refund_no: None,
        event_type: subject.event_type.to_owned(),
        url: String::new(),
        create_time: rfc3339(now),
        body: body.to_string(),
        plaintext,
        state: NoticeState::Waiting,
        next_at: None,
        attempts: Vec::new(),
        failures: 0,
    }
}
