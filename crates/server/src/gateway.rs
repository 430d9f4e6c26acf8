//! The one translator between WeChat's words and ours. `wechatpay` knows nothing of our orders and
//! `domain` nothing of WeChat's wire; a fact from outside becomes one of ours here and nowhere
//! else.

mod bill;
mod refund;

use domain::{Millis, Order, PaymentFact};
use wechatpay::{JsapiPrepay, PrepayOptions, TradeState, Transaction};

use crate::flows::FlowError;

pub use bill::read_bill_row;
pub use refund::{create_refund, out_refund_no, read_refund, read_refund_notice};

/// What a transaction says about its order.
#[derive(Debug)]
pub enum Reading {
    Paid(PaymentFact),
    /// Final: nobody can pay it any more.
    Closed,
    /// Not final: nothing may be concluded from it.
    Unpaid,
}

/// Reads a verified transaction, whether it came by query or by notification.
///
/// `SUCCESS` and `REFUND` both mean paid: the latter only adds that a refund was accepted since.
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791870.
///
/// # Errors
/// When a paid transaction lacks what every paid transaction has: nothing may be guessed about
/// money.
pub fn read(transaction: &Transaction) -> Result<Reading, FlowError> {
    match &transaction.trade_state {
        TradeState::Success | TradeState::Refund => paid(transaction).map(Reading::Paid),
        TradeState::Closed | TradeState::Revoked => Ok(Reading::Closed),
        TradeState::NotPay
        | TradeState::UserPaying
        | TradeState::PayError
        | TradeState::Accept
        | TradeState::Unknown(_) => Ok(Reading::Unpaid),
    }
}

fn paid(transaction: &Transaction) -> Result<PaymentFact, FlowError> {
    let missing = |field: &str| anyhow::anyhow!("a paid transaction of WeChat lacks `{field}`");
    let amount = transaction
        .amount
        .as_ref()
        .ok_or_else(|| missing("amount"))?;
    let transaction_id = transaction
        .transaction_id
        .as_ref()
        .ok_or_else(|| missing("transaction_id"))?;
    let success_time = transaction
        .success_time
        .ok_or_else(|| missing("success_time"))?;
    Ok(PaymentFact {
        mch_id: ours(domain::MchId::new(transaction.mchid.as_str()))?,
        app_id: ours(domain::AppId::new(transaction.appid.as_str()))?,
        order_no: ours(domain::OrderNo::new(transaction.out_trade_no.as_str()))?,
        transaction_id: ours(domain::TransactionId::new(transaction_id.as_str()))?,
        amount: amount.total,
        // The field is optional on the wire; this API settles in CNY alone.
        currency: amount.currency.clone().unwrap_or_else(|| "CNY".to_owned()),
        payer: transaction.payer.openid.as_ref().map(openid).transpose()?,
        paid_at: Millis(success_time.as_millisecond()),
    })
}

/// The prepay request, every parameter from the row: the same row always gives the same request.
pub fn jsapi_prepay(order: &Order) -> Result<JsapiPrepay, FlowError> {
    let time_expire = jiff::Timestamp::from_millisecond(order.expires_at.0);
    Ok(JsapiPrepay {
        appid: app_id(&order.app_id)?,
        description: ours(wechatpay::Description::new(order.description.as_str()))?,
        out_trade_no: out_trade_no(&order.order_no)?,
        time_expire: Some(ours(time_expire)?),
        attach: None,
        notify_url: ours(wechatpay::NotifyUrl::new(order.notify_url.as_str()))?,
        amount: order.amount,
        openid: ours(wechatpay::OpenId::new(order.openid.as_str()))?,
        options: PrepayOptions::default(),
    })
}

pub fn out_trade_no(order_no: &domain::OrderNo) -> Result<wechatpay::OutTradeNo, FlowError> {
    ours(wechatpay::OutTradeNo::new(order_no.as_str()))
}

pub fn transaction_id(
    transaction_id: &domain::TransactionId,
) -> Result<wechatpay::TransactionId, FlowError> {
    ours(wechatpay::TransactionId::new(transaction_id.as_str()))
}

pub fn app_id(app_id: &domain::AppId) -> Result<wechatpay::AppId, FlowError> {
    ours(wechatpay::AppId::new(app_id.as_str()))
}

pub fn openid(openid: &wechatpay::OpenId) -> Result<domain::OpenId, FlowError> {
    ours(domain::OpenId::new(openid.as_str()))
}

/// Both sides hold their values to the same rules, so that a value which does not cross is a bug or
/// news about WeChat: an internal error with its cause, never a guess.
fn ours<T, E: std::error::Error + Send + Sync + 'static>(
    value: Result<T, E>,
) -> Result<T, FlowError> {
    value.map_err(|error| FlowError::Internal(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A paid transaction after `spoil` has had its way with it.
    fn reading(spoil: impl FnOnce(&mut serde_json::Value)) -> Result<Reading, FlowError> {
        let mut transaction = serde_json::json!({
            "transaction_id": "4200001", "mchid": "1900000100", "appid": "wxd678efh567hg6787",
            "out_trade_no": "20261123223841", "trade_state": "SUCCESS", "trade_state_desc": "支付成功",
            "success_time": "2026-11-23T22:38:41+08:00", "payer": {"openid": "oUpF8uMuAJO"},
            "amount": {"total": 1790, "payer_total": 1700, "currency": "CNY"}
        });
        spoil(&mut transaction);
        read(&serde_json::from_value(transaction).unwrap())
    }

    #[test]
    fn paid_means_success_or_refund_and_the_orders_total() {
        for state in ["SUCCESS", "REFUND"] {
            let Ok(Reading::Paid(fact)) = reading(|it| it["trade_state"] = state.into()) else {
                panic!("{state} is paid");
            };
            assert_eq!(fact.amount.get(), 1790, "not what was left after coupons");
            assert_eq!(fact.paid_at.rfc3339(), "2026-11-23T22:38:41+08:00");
            assert_eq!(fact.payer.unwrap().as_str(), "oUpF8uMuAJO");
        }
    }

    #[test]
    fn only_final_words_close_an_order() {
        for state in ["CLOSED", "REVOKED"] {
            let reading = reading(|it| it["trade_state"] = state.into());
            assert!(matches!(reading, Ok(Reading::Closed)), "{state}");
        }
        for state in [
            "NOTPAY",
            "USERPAYING",
            "PAYERROR",
            "ACCEPT",
            "SOMETHING_NEW",
        ] {
            let reading = reading(|it| it["trade_state"] = state.into());
            assert!(matches!(reading, Ok(Reading::Unpaid)), "{state}");
        }
    }

    #[test]
    fn nothing_is_guessed_about_a_payment() {
        for field in ["transaction_id", "success_time", "amount"] {
            let reading = reading(|it| drop(it.as_object_mut().unwrap().remove(field)));
            assert!(matches!(reading, Err(FlowError::Internal(_))), "{field}");
        }
        let without_payer = reading(|it| it["payer"] = serde_json::json!({}));
        assert!(matches!(without_payer, Ok(Reading::Paid(fact)) if fact.payer.is_none()));
    }
}
