//! What is in a notification.

use jiff::Timestamp;
use serde_json::json;
use wechatpay::crypto::AEAD_ALGORITHM;

use super::book::{Notice, NoticeState};
use crate::chance;
use crate::clock::rfc3339;
use crate::ledger::{Merchant, Order};
use crate::settings::UnpaidAnswer;
use crate::wire::transaction::transaction;

/// WeChat seals payments under this name; the documentation's samples leave it empty.
const TRANSACTION: &str = "transaction";

/// The notification of a payment. Its plaintext is the answer to a query.
pub(super) fn payment(merchant: &Merchant, order: &Order, now: Timestamp) -> Notice {
    let plaintext = transaction(order, UnpaidAnswer::default());
    let nonce = chance::letters(12);
    let sealed = merchant
        .api_v3_key
        .seal(&nonce, TRANSACTION, plaintext.to_string().as_bytes());
    let id = chance::uuid();
    let body = json!({
        "id": id,
        "create_time": rfc3339(now),
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
        "resource": {
            "original_type": TRANSACTION,
            "algorithm": AEAD_ALGORITHM,
            "ciphertext": sealed.expect("a 12-byte nonce and a short text can be sealed"),
            "associated_data": TRANSACTION,
            "nonce": nonce,
        },
    });
    Notice {
        id,
        mchid: merchant.mchid.clone(),
        out_trade_no: order.key.out_trade_no.clone(),
        event_type: "TRANSACTION.SUCCESS".to_owned(),
        url: order.notify_url.clone(),
        create_time: rfc3339(now),
        body: body.to_string(),
        plaintext,
        state: NoticeState::Waiting,
        next_at: None,
        attempts: Vec::new(),
        failures: 0,
    }
}
