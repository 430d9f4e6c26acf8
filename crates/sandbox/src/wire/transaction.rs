//! A transaction as queries and notifications show it.
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4012791858

use serde_json::{Value, json};

use crate::clock::rfc3339;
use crate::ledger::{Order, Payment, State};
use crate::settings::UnpaidAnswer;

/// The body of a query; for a paid order also the plaintext of its notification.
pub(crate) fn transaction(order: &Order, unpaid: UnpaidAnswer) -> Value {
    match &order.state {
        State::NotPay => not_paid(order, "NOTPAY", "订单未支付", unpaid),
        State::Closed => not_paid(order, "CLOSED", "订单已关闭", unpaid),
        State::Success(payment) => paid(order, payment),
    }
}

fn not_paid(order: &Order, state: &str, description: &str, unpaid: UnpaidAnswer) -> Value {
    let mut answer = json!({
        "appid": order.appid,
        "mchid": order.key.mchid,
        "out_trade_no": order.key.out_trade_no,
        "trade_state": state,
        "trade_state_desc": description,
    });
    if let Some(attach) = &order.attach {
        answer["attach"] = json!(attach);
    }
    match unpaid {
        UnpaidAnswer::Bare => {}
        UnpaidAnswer::Field => {
            answer["amount"] = json!({ "total": order.amount });
            answer["payer"] = json!({});
            answer["promotion_detail"] = json!([]);
        }
    }
    answer
}

fn paid(order: &Order, payment: &Payment) -> Value {
    let (state, description) = match order.parts {
        0 => ("SUCCESS", "支付成功"),
        _ => ("REFUND", "订单发生过退款，退款详情请查询退款单"),
    };
    let mut answer = json!({
        "appid": order.appid,
        "mchid": order.key.mchid,
        "out_trade_no": order.key.out_trade_no,
        "transaction_id": payment.transaction_id,
        "trade_type": order.product.trade_type(),
        "trade_state": state,
        "trade_state_desc": description,
        "bank_type": payment.bank_type,
        "success_time": rfc3339(payment.paid_at),
        "payer": { "openid": payment.openid },
        "amount": {
            "total": order.amount,
            "payer_total": order.amount,
            "currency": "CNY",
            "payer_currency": "CNY",
        },
        "promotion_detail": [],
    });
    if let Some(attach) = &order.attach {
        answer["attach"] = json!(attach);
    }
    if let Some(device_id) = &order.device_id {
        answer["scene_info"] = json!({ "device_id": device_id });
    }
    answer
}
