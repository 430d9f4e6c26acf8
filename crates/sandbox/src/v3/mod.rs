//! The business logic of API v3, behind the signature checks.

mod abnormal_refund;
mod bill;
mod certificates;
mod close;
mod echo;
mod prepay;
mod query;
pub(crate) mod refund;
mod refund_rules;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::gateway::{BillCall, Call, Incoming, Outcome, RefundCall};
use crate::ledger::Merchant;
use crate::platform::Platform;
use crate::refusal::{ILLEGAL_PARAMETER, Refusal};
use crate::wire::{self, Field, Source};

/// Runs a call for a merchant that has proved itself.
pub(crate) fn run(
    platform: &Platform,
    merchant: &Merchant,
    call: &Call,
    incoming: &Incoming,
) -> Outcome {
    match call {
        Call::Prepay(product) => prepay::run(platform, merchant, *product, incoming),
        Call::QueryByNumber(number) => query::by_number(platform, merchant, number, incoming),
        Call::QueryByTransaction(id) => query::by_transaction(platform, merchant, id, incoming),
        Call::Close(number) => close::run(platform, merchant, number, incoming),
        Call::Certificates => certificates::run(platform, merchant, incoming),
        Call::Echo => echo::run(platform, merchant, incoming),
        Call::Refund(RefundCall::Create) => refund::run(platform, merchant, incoming),
        Call::Refund(RefundCall::Query(number)) => {
            refund::query(platform, merchant, number, incoming)
        }
        Call::Refund(RefundCall::Abnormal(id)) => {
            abnormal_refund::run(platform, merchant, id, incoming)
        }
        Call::Bill(BillCall::Trade) => bill::apply(platform, merchant, incoming),
        Call::Bill(BillCall::Download) => bill::download(platform, merchant, incoming),
        // Routing sends these to `login`; answering as an unknown path keeps the match honest.
        Call::CodeToSession | Call::Token | Call::StableToken => Err(Refusal::new(
            404,
            "RESOURCE_NOT_EXISTS",
            "接口不存在",
            ILLEGAL_PARAMETER,
        )),
    }
}

/// Parses the body and judges it by its table.
fn read_body<T: DeserializeOwned>(
    incoming: &Incoming,
    fields: &'static [Field],
) -> Result<(T, Value), Refusal> {
    let not_json = |_| Refusal::parameter("请求体不是合法的JSON", ILLEGAL_PARAMETER);
    let body: Value = serde_json::from_slice(&incoming.body).map_err(not_json)?;
    wire::check_body(&body, fields)?;
    let unreadable = |_| Refusal::parameter("参数错误", ILLEGAL_PARAMETER);
    Ok((T::deserialize(&body).map_err(unreadable)?, body))
}

/// The header's mchid and the body's must be one.
fn same_merchant(merchant: &Merchant, mchid: &str) -> Result<(), Refusal> {
    if merchant.mchid == mchid {
        return Ok(());
    }
    let message = "http header中的mchid与post payload中的mchid不匹配";
    Err(Refusal {
        in_business: true,
        ..Refusal::parameter(message, ILLEGAL_PARAMETER)
    })
}

/// Judges the query: `allowed` parameters only.
fn check_query(incoming: &Incoming, allowed: &[&str]) -> Result<(), Refusal> {
    let unknown: Vec<String> = incoming
        .query_pairs()
        .into_iter()
        .filter(|(name, _)| !allowed.contains(&name.as_str()))
        .map(|(name, _)| format!("/query/{name}"))
        .collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(wire::unknown_members(&unknown))
    }
}

fn required_query(incoming: &Incoming, name: &str, title: &str) -> Result<String, Refusal> {
    incoming
        .query_value(name)
        .ok_or_else(|| wire::require(Source::Query, name, title))
}
