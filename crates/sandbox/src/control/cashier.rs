//! The cashier over HTTP: the hand that holds the phone.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Problem, Shared, read};
use crate::cashier::{self, Counter, Fail};
use crate::ledger::Order;
use crate::settings::UnpaidAnswer;
use crate::story::cashier::{self as told, Step};
use crate::story::states;
use crate::wire::transaction::transaction;

const SCAN: (&str, &str) = ("扫码或打开支付链接", "Scan a code or open a link");
const PAY: (&str, &str) = ("输入密码付款", "Enter the password and pay");
const CANCEL: (&str, &str) = ("取消付款", "Leave without paying");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scan {
    user: String,
    url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirm {
    password: Option<String>,
}

pub(super) async fn open(State(platform): Shared, body: Bytes) -> Answer {
    let parameters: Value = read(&body)?;
    let requested = cashier::request_payment(&platform, &parameters);
    let (step, answer) = shown(requested.opened);
    let signature = (requested.verdict, requested.signed);
    states::tell(&platform);
    told::request_payment(&platform, &parameters, signature, step, &answer);
    Ok(Json(answer))
}

pub(super) async fn scan(State(platform): Shared, body: Bytes) -> Answer {
    let Scan { user, url } = read(&body)?;
    let scanned = cashier::scan(&platform, user, &url);
    let scanned =
        scanned.ok_or_else(|| Problem::new(404, "no such user; POST /control/users first"))?;
    let (step, answer) = shown(scanned.opened);
    states::tell(&platform);
    told::step(&platform, SCAN, scanned.visit.as_ref(), step, &answer);
    Ok(Json(answer))
}

fn shown(opened: Result<Counter, Fail>) -> (Step, Value) {
    match opened {
        Ok(counter) => {
            let answer = json!({
                "cashier_id": counter.cashier_id,
                "amount_fen": counter.amount,
                "description": counter.description,
                "merchant_name": counter.merchant_name,
            });
            (Step::Opened, answer)
        }
        Err(fail) => (Step::NotOpened(fail.words()), fail.shown()),
    }
}

pub(super) async fn pay(State(platform): Shared, Path(id): Path<String>, body: Bytes) -> Answer {
    let Confirm { password } = read(&body)?;
    let confirmed = cashier::pay(&platform, &id, password.as_deref()).ok_or_else(no_cashier)?;
    let (step, answer) = match &confirmed.paid {
        Ok(_) => (Step::Paid, json!({ "errMsg": "requestPayment:ok" })),
        Err(fail) => (Step::NotPaid(fail.words()), fail.shown()),
    };
    // The story tells first what the person did, then what became of the order, and only then
    // the notification, which nobody else could have booked.
    told::step(&platform, PAY, Some(&confirmed.visit), step, &answer);
    states::tell(&platform);
    if let Ok(receipt) = confirmed.paid {
        cashier::notify(&platform, &receipt);
    }
    Ok(Json(answer))
}

pub(super) async fn cancel(State(platform): Shared, Path(id): Path<String>) -> Answer {
    let visit = platform.ledger().visits.leave(&id);
    let visit = visit.ok_or_else(no_cashier)?;
    let answer = json!({ "errMsg": "requestPayment:fail cancel" });
    told::step(&platform, CANCEL, Some(&visit), Step::Left, &answer);
    Ok(Json(answer))
}

fn no_cashier() -> Problem {
    Problem::new(404, "no such cashier, or it was left")
}

/// All orders as a query would show them, for scripts that compare both sides.
pub(super) async fn orders(State(platform): Shared) -> Json<Value> {
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    ledger.grow_old(now);
    let shown = |order: &Order| transaction(order, UnpaidAnswer::default());
    let shown: Vec<Value> = ledger.orders.values().map(shown).collect();
    drop(ledger);
    states::tell(&platform);
    Json(json!({ "data": shown }))
}
