//! `GET /v3/pay/transactions/{out-trade-no,id}/{number}?mchid=`
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4012791858 and 4012791859

use super::{check_query, required_query};
use crate::gateway::{Incoming, Outcome, Success};
use crate::ledger::{Merchant, OrderKey};
use crate::platform::Platform;
use crate::refusal::{ILLEGAL_PARAMETER, Refusal};
use crate::settings::Settings;
use crate::wire::prepay::{MCHID, OUT_TRADE_NO};
use crate::wire::transaction::transaction;
use crate::wire::{Source, Text, check_text};

const TRANSACTION_ID: Text = Text {
    min: 1,
    max: 32,
    pattern: None,
};
const NO_SUCH_ORDER: u32 = 268_512_771;
const OTHER_MERCHANT: u32 = 268_447_843;

pub(super) fn by_number(
    platform: &Platform,
    merchant: &Merchant,
    number: &str,
    incoming: &Incoming,
) -> Outcome {
    check_text(
        Source::UriTemplate,
        "out_trade_no",
        "商户订单号",
        number,
        OUT_TRADE_NO,
    )?;
    check_mchid(merchant, incoming)?;
    let key = OrderKey {
        mchid: merchant.mchid.clone(),
        out_trade_no: number.to_owned(),
    };
    answer(platform, &key)
}

pub(super) fn by_transaction(
    platform: &Platform,
    merchant: &Merchant,
    id: &str,
    incoming: &Incoming,
) -> Outcome {
    check_text(
        Source::UriTemplate,
        "transaction_id",
        "微信支付订单号",
        id,
        TRANSACTION_ID,
    )?;
    check_mchid(merchant, incoming)?;
    let key = platform.ledger().transactions.get(id).cloned();
    match key {
        Some(key) if key.mchid != merchant.mchid => Err(other_merchant()),
        Some(key) => answer(platform, &key),
        None => Err(no_such_order(&platform.settings())),
    }
}

fn check_mchid(merchant: &Merchant, incoming: &Incoming) -> Result<(), Refusal> {
    check_query(incoming, &["mchid"])?;
    let mchid = required_query(incoming, "mchid", "商户号")?;
    check_text(Source::Query, "mchid", "商户号", &mchid, MCHID)?;
    if mchid == merchant.mchid {
        Ok(())
    } else {
        Err(other_merchant())
    }
}

fn answer(platform: &Platform, key: &OrderKey) -> Outcome {
    let settings = platform.settings();
    let now = platform.clock.now();
    match platform.ledger().order(key, now) {
        Some(order) => Ok(Success::json(&transaction(order, settings.unpaid_answer))),
        None => Err(no_such_order(&settings)),
    }
}

/// Shared with close.
pub(super) fn no_such_order(settings: &Settings) -> Refusal {
    Refusal::new(
        404,
        settings.spelling.order_not_exist(),
        "订单不存在",
        NO_SUCH_ORDER,
    )
}

fn other_merchant() -> Refusal {
    let message = "商户号和订单信息不匹配";
    Refusal::new(400, "INVALID_REQUEST", message, ILLEGAL_PARAMETER).with_internal(OTHER_MERCHANT)
}
