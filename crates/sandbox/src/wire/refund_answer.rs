//! A refund as answers and notifications show it.
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4013071036 (answer), 4012791865 (notification).

use serde_json::{Value, json};

use crate::clock::rfc3339;
use crate::ledger::Refund;

/// The body of all three calls.
pub(crate) fn answer(refund: &Refund) -> Value {
    let (amount, total) = (refund.amount, refund.total);
    let mut answer = json!({
        "refund_id": refund.refund_id,
        "out_refund_no": refund.key.out_refund_no,
        "transaction_id": refund.transaction_id,
        "out_trade_no": refund.order.out_trade_no,
        "channel": refund.destination.channel(),
        "user_received_account": refund.destination.account(),
        "create_time": rfc3339(refund.created_at),
        "status": refund.status.name(),
        "funds_account": refund.funds_account,
        "amount": {
            "total": total,
            "refund": amount,
            "from": refund.from,
            "payer_total": total,
            "payer_refund": amount,
            "settlement_refund": amount,
            "settlement_total": total,
            "discount_refund": 0,
            "currency": "CNY",
            "refund_fee": 0,
        },
        "promotion_detail": [],
    });
    if let Some(at) = refund.status.success_time() {
        answer["success_time"] = json!(at);
    }
    answer
}

/// What is sealed in a notification: fewer members than an answer, and `refund_status` for
/// `status`.
pub(crate) fn resource(refund: &Refund) -> Value {
    let (amount, total) = (refund.amount, refund.total);
    let mut resource = json!({
        "mchid": refund.key.mchid,
        "transaction_id": refund.transaction_id,
        "out_trade_no": refund.order.out_trade_no,
        "refund_id": refund.refund_id,
        "out_refund_no": refund.key.out_refund_no,
        "refund_status": refund.status.name(),
        "user_received_account": refund.destination.account(),
        "amount": {
            "total": total,
            "refund": amount,
            "payer_total": total,
            "payer_refund": amount,
        },
    });
    if let Some(at) = refund.status.success_time() {
        resource["success_time"] = json!(at);
    }
    resource
}
