//! `POST /v3/refund/domestic/refunds` and `GET /v3/refund/domestic/refunds/{out_refund_no}`
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4013071036. The codes are documented, the texts of
//! the refusals are not; these are made up.

use serde_json::{Value, json};

use super::refund_rules::{Asked, check, find_order};
use super::{check_query, read_body};
use crate::clock::later;
use crate::gateway::{Incoming, Outcome, Success};
use crate::ledger::{Destination, Fate, Merchant, Origin, Refund, RefundKey, RefundStatus};
use crate::platform::Platform;
use crate::refusal::{ILLEGAL_PARAMETER, Refusal};
use crate::settings::Settings;
use crate::wire::refund::{OUT_REFUND_NO, REFUND, RefundRequest};
use crate::wire::refund_answer::answer;
use crate::wire::{Source, check_text};

/// Where a refund is paid from if nothing else was asked for.
const FUNDS_ACCOUNT: &str = "UNSETTLED";
const REENTRY_DIFFERS: u32 = 268_498_688;

pub(super) fn run(platform: &Platform, merchant: &Merchant, incoming: &Incoming) -> Outcome {
    let (request, parameters) = read_body::<RefundRequest>(incoming, REFUND)?;
    let raw = (request, parameters);
    let refund = accept(platform, &merchant.mchid, raw, Origin::Api)?;
    Ok(Success::json(&answer(&refund)))
}

pub(super) fn query(
    platform: &Platform,
    merchant: &Merchant,
    number: &str,
    incoming: &Incoming,
) -> Outcome {
    let (name, title) = ("out_refund_no", "商户退款单号");
    check_text(Source::UriTemplate, name, title, number, OUT_REFUND_NO)?;
    check_query(incoming, &[])?;
    let key = RefundKey {
        mchid: merchant.mchid.clone(),
        out_refund_no: number.to_owned(),
    };
    let ledger = platform.ledger();
    let refund = ledger.refunds.get(&key).ok_or_else(no_such_refund)?;
    Ok(Success::json(&answer(refund)))
}

/// Shared with the abnormal refund.
pub(super) fn no_such_refund() -> Refusal {
    let code = "RESOURCE_NOT_EXISTS";
    Refusal::new(404, code, "退款单不存在", ILLEGAL_PARAMETER)
}

/// Accepts a refund, or finds the one that was accepted under this number before.
pub(crate) fn accept(
    platform: &Platform,
    mchid: &str,
    (request, parameters): (RefundRequest, Value),
    origin: Origin,
) -> Result<Refund, Refusal> {
    let settings = platform.settings();
    let now = platform.clock.now();
    let key = RefundKey {
        mchid: mchid.to_owned(),
        out_refund_no: request.out_refund_no.clone(),
    };
    let mut ledger = platform.ledger();
    let asked = Asked::new(mchid, &request, now);
    let order_key = find_order(&ledger, &asked)?;
    if let Some(known) = ledger.refunds.get(&key) {
        return again(known, &parameters);
    }
    let payment = check(&mut ledger, &asked, &order_key, &settings)?;
    let from = request.amount.from.iter();
    let from = from.map(|from| json!({ "account": from.account, "amount": from.amount }));
    let refund = Refund {
        order: order_key,
        refund_id: ledger.refunds.new_id(&platform.chance, now),
        transaction_id: payment.transaction_id,
        amount: request.amount.refund,
        total: request.amount.total,
        parameters,
        reason: request.reason,
        notify_url: request.notify_url,
        funds_account: request.funds_account.unwrap_or(FUNDS_ACCOUNT.to_owned()),
        from: from.collect(),
        origin,
        created_at: now,
        status: RefundStatus::Processing,
        fate: fate(&settings),
        destination: Destination::Payer,
        is_funded: false,
        key,
    };
    let ends = refund.fate != Some(Fate::Processing);
    let due = ends.then(|| later(now, settings.refund_seconds.into()));
    let refund = ledger.accept_refund(refund, due);
    drop(ledger);
    platform.clock.wake();
    Ok(refund)
}

/// The number is the key of idempotence: the same request finds the same refund.
fn again(known: &Refund, parameters: &Value) -> Result<Refund, Refusal> {
    if known.parameters == *parameters {
        return Ok(known.clone());
    }
    let message = "请求重入时，参数与首次请求时不一致";
    Err(Refusal::invalid(message).with_internal(REENTRY_DIFFERS))
}

/// A success is left to take its course: money and the payer's account have a say in it.
fn fate(settings: &Settings) -> Option<Fate> {
    Some(settings.refund_outcome).filter(|fate| *fate != Fate::Success)
}
