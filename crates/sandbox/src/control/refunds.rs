//! Refunds by hand: the merchant's console, and what becomes of them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use fen::Fen;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Answer, Problem, Shared, read};
use crate::clock::{later, rfc3339};
use crate::ledger::{Fate, Ledger, OrderKey, Origin, Refund};
use crate::platform::Platform;
use crate::refunds::settle_one;
use crate::story::{states, switches as told};
use crate::v3::refund::accept;
use crate::wire::refund::{OUT_REFUND_NO, RefundAmount, RefundRequest};
use crate::wire::refund_answer::answer;
use crate::wire::{Source, check_text};

#[derive(Deserialize)]
pub(super) struct Filter {
    out_trade_no: Option<String>,
    mchid: Option<String>,
}

/// A refund in the console. `mchid` is the default merchant unless it is said.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRefund {
    pub mchid: Option<String>,
    pub out_trade_no: String,
    pub amount_fen: Fen,
    pub out_refund_no: Option<String>,
    pub reason: Option<String>,
    pub notify_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    outcome: Fate,
    #[serde(default)]
    after_seconds: u32,
}

/// As an answer of the API shows it, with what only the platform knows.
fn shown(ledger: &Ledger, refund: &Refund) -> Value {
    let mut shown = answer(refund);
    shown["mchid"] = json!(refund.key.mchid);
    shown["origin"] = json!(refund.origin);
    shown["reason"] = json!(refund.reason);
    shown["notify_url"] = json!(refund.notify_url);
    shown["settles_at"] = json!(ledger.refunds.due_of(&refund.key).map(rfc3339));
    shown
}

pub(super) async fn list(State(platform): Shared, Query(filter): Query<Filter>) -> Json<Value> {
    let Filter {
        out_trade_no,
        mchid,
    } = filter;
    let wanted = |refund: &&Refund| {
        let key = &refund.order;
        out_trade_no
            .as_ref()
            .is_none_or(|number| *number == key.out_trade_no)
            && mchid.as_ref().is_none_or(|mchid| *mchid == key.mchid)
    };
    let ledger = platform.ledger();
    let refunds = ledger.refunds.list().filter(wanted);
    let data: Vec<Value> = refunds.map(|refund| shown(&ledger, refund)).collect();
    Json(json!({ "data": data }))
}

/// A person refunds in the merchant's console: by the same rules, without the merchant's server.
pub(super) async fn create(State(platform): Shared, body: Bytes) -> Answer {
    let refund = by_hand(&platform, read(&body)?)?;
    let shown = shown(&platform.ledger(), &refund);
    Ok(Json(shown))
}

/// A refund by the same rules as the merchant's own.
pub(crate) fn by_hand(platform: &Platform, wish: NewRefund) -> Result<Refund, Problem> {
    let parameters = json!({ "console": wish });
    let own = &platform.keys.identity.mchid;
    let key = OrderKey {
        mchid: wish.mchid.unwrap_or_else(|| own.clone()),
        out_trade_no: wish.out_trade_no,
    };
    if wish.amount_fen.is_zero() {
        return Err(Problem::new(400, "amount_fen is 1 or more"));
    }
    // What the console numbers its refunds with is uncertain.
    let number = wish
        .out_refund_no
        .unwrap_or_else(|| platform.chance.digits(28));
    if check_text(Source::Body, "out_refund_no", "", &number, OUT_REFUND_NO).is_err() {
        let rule = "out_refund_no has 1 to 64 of 0-9 A-Z a-z _ - | * @";
        return Err(Problem::new(400, rule));
    }
    let order = platform.ledger().orders.get(&key).cloned();
    let order = order.ok_or_else(|| Problem::new(404, "no such order"))?;
    let request = RefundRequest {
        transaction_id: None,
        out_trade_no: Some(key.out_trade_no.clone()),
        out_refund_no: number,
        reason: wish.reason,
        notify_url: wish.notify_url,
        funds_account: None,
        amount: RefundAmount {
            refund: wish.amount_fen,
            total: order.amount,
            from: Vec::new(),
        },
    };
    let raw = (request, parameters);
    let refund = accept(platform, &key.mchid, raw, Origin::Console);
    let refund = refund
        .map_err(|refusal| Problem::new(409, format!("{}: {}", refusal.code, refusal.message)))?;
    told::console_refund(platform, &refund);
    states::tell(platform);
    Ok(refund)
}

/// Decides what becomes of a refund that is under way or abnormal, now or later.
pub(super) async fn decide(
    State(platform): Shared,
    Path(refund_id): Path<String>,
    body: Bytes,
) -> Answer {
    let decision: Decision = read(&body)?;
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    let key = ledger.refunds.by_id(&refund_id);
    let key = key.map(|refund| refund.key.clone());
    let key = key.ok_or_else(|| Problem::new(404, "no such refund_id"))?;
    let at = later(now, decision.after_seconds.into());
    if !ledger.decide_refund(&key, decision.outcome, at) {
        return Err(Problem::new(409, "this refund has ended"));
    }
    let decided = ledger.refunds.get(&key).cloned();
    drop(ledger);
    if let Some(refund) = decided {
        told::fate(&platform, &refund, decision.outcome);
    }
    while settle_one(&platform, now) {}
    platform.clock.wake();
    let ledger = platform.ledger();
    let refund = ledger.refunds.get(&key);
    Ok(Json(
        refund
            .map(|refund| shown(&ledger, refund))
            .unwrap_or_default(),
    ))
}
