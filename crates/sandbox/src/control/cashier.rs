//! The cashier: what `wx.requestPayment` opens on the phone.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::info;

use super::fail::Fail;
use super::pay_sign;
use super::{Answer, Problem, Shared, read};
use crate::clock::later;
use crate::ledger::{Ledger, Order, Payment, Product, State as OrderState, Visit, openid};
use crate::platform::Platform;
use crate::settings::UnpaidAnswer;
use crate::wire::transaction::transaction;

/// The six digits of everybody here.
const PASSWORD: &str = "123456";
/// `h5_url` lives five minutes.
const H5_LINK_SECONDS: i64 = 300;
/// Where the money comes from; the field is an open set.
const BANK_TYPE: &str = "OTHERS";

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
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    let opened = pay_sign::check(&mut ledger, &parameters, now)
        .and_then(|visit| payable(&mut ledger, &visit, now).map(|()| visit));
    Ok(Json(match opened {
        Ok(visit) => admit(&mut ledger, visit, now),
        Err(fail) => fail.shown(),
    }))
}

/// A QR code or a link in a mobile browser: there is nothing to verify but the order itself.
pub(super) async fn scan(State(platform): Shared, body: Bytes) -> Answer {
    let Scan { user, url } = read(&body)?;
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    if !ledger.people.contains_key(&user) {
        return Err(Problem::new(404, "no such user; POST /control/users first"));
    }
    let prepay_id = url
        .split(['=', '&'])
        .find(|part| ledger.prepays.contains_key(*part));
    let Some(prepay_id) = prepay_id.map(str::to_owned) else {
        return Ok(Json(Fail::unknown_prepay(&url).shown()));
    };
    let order = ledger.order_of_prepay(&prepay_id, now);
    let scanned = order
        .ok_or_else(|| Fail::unknown_prepay(&prepay_id))
        .and_then(|order| {
            check_link(order, &prepay_id, now)?;
            let order = order.key.clone();
            Ok(Visit {
                order,
                prepay_id,
                person: user,
            })
        });
    let visit = match scanned {
        Ok(visit) => visit,
        Err(fail) => return Ok(Json(fail.shown())),
    };
    Ok(Json(match payable(&mut ledger, &visit, now) {
        Ok(()) => admit(&mut ledger, visit, now),
        Err(fail) => fail.shown(),
    }))
}

/// A link in a browser lives five minutes; of several QR codes only the newest is good.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791890
fn check_link(order: &Order, prepay_id: &str, now: Timestamp) -> Result<(), Fail> {
    let issued = order
        .prepay(prepay_id)
        .map_or(now, |prepay| prepay.issued_at);
    let newest = order
        .prepays
        .last()
        .is_some_and(|newest| newest.id == prepay_id);
    match order.product {
        Product::Jsapi | Product::App => Err(Fail::wrong_product()),
        Product::H5 if now >= later(issued, H5_LINK_SECONDS) => Err(Fail::link_expired()),
        Product::Native if !newest => Err(Fail::link_replaced()),
        Product::H5 | Product::Native => Ok(()),
    }
}

fn admit(ledger: &mut Ledger, visit: Visit, now: Timestamp) -> Value {
    let merchant = ledger.merchants.get(&visit.order.mchid);
    let merchant_name = merchant
        .map(|merchant| merchant.name.clone())
        .unwrap_or_default();
    let Some(order) = ledger.order(&visit.order, now) else {
        return Fail::unknown_prepay(&visit.prepay_id).shown();
    };
    let (amount, description) = (order.amount, order.description.clone());
    json!({
        "cashier_id": ledger.visits.open(visit),
        "amount_fen": amount,
        "description": description,
        "merchant_name": merchant_name,
    })
}

/// Whether the order can be paid now by this person with this prepay id.
fn payable(ledger: &mut Ledger, visit: &Visit, now: Timestamp) -> Result<(), Fail> {
    let Some(order) = ledger.order(&visit.order, now) else {
        return Err(Fail::unknown_prepay(&visit.prepay_id));
    };
    match order.state {
        OrderState::Success(_) => return Err(Fail::already_paid()),
        OrderState::Closed => return Err(Fail::closed()),
        OrderState::NotPay => {}
    }
    if now >= order.expires_at {
        return Err(Fail::past_time_expire());
    }
    if !order
        .prepay(&visit.prepay_id)
        .is_some_and(|prepay| prepay.is_alive(now))
    {
        return Err(Fail::prepay_expired());
    }
    let own = openid(&order.appid, &visit.person);
    if order.openid.as_ref().is_some_and(|payer| *payer != own) {
        return Err(Fail::other_payer());
    }
    Ok(())
}

pub(super) async fn pay(State(platform): Shared, Path(id): Path<String>, body: Bytes) -> Answer {
    let Confirm { password } = read(&body)?;
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    let visit = ledger.visits.get(&id).cloned();
    let visit = visit.ok_or_else(|| Problem::new(404, "no such cashier, or it was left"))?;
    if password.is_some_and(|password| password != PASSWORD) {
        return Ok(Json(Fail::wrong_password().shown()));
    }
    if let Err(fail) = payable(&mut ledger, &visit, now) {
        return Ok(Json(fail.shown()));
    }
    settle(&platform, &mut ledger, &visit, now);
    drop(ledger);
    platform.clock.wake();
    Ok(Json(json!({ "errMsg": "requestPayment:ok" })))
}

/// Books the payment and its notification in one step, as nobody else holds the books.
fn settle(platform: &Platform, ledger: &mut Ledger, visit: &Visit, now: Timestamp) {
    let transaction_id = ledger.new_transaction_id(now);
    let merchant = ledger.merchants.get(&visit.order.mchid).cloned();
    let appid = ledger
        .order(&visit.order, now)
        .map(|order| order.appid.clone());
    let (Some(merchant), Some(appid)) = (merchant, appid) else {
        return;
    };
    let payment = Payment {
        transaction_id,
        paid_at: now,
        bank_type: BANK_TYPE.to_owned(),
        openid: openid(&appid, &visit.person),
    };
    if let Some(order) = ledger.pay(&visit.order, payment) {
        info!(
            mchid = merchant.mchid,
            out_trade_no = order.key.out_trade_no,
            amount_fen = order.amount.get(),
            "paid at the cashier",
        );
        platform.notifier.payment(&merchant, order, now);
    }
}

pub(super) async fn cancel(State(platform): Shared, Path(id): Path<String>) -> Answer {
    let visit = platform.ledger().visits.leave(&id);
    visit.ok_or_else(|| Problem::new(404, "no such cashier, or it was left"))?;
    Ok(Json(json!({ "errMsg": "requestPayment:fail cancel" })))
}

/// All orders as a query would show them, for scripts that compare both sides.
pub(super) async fn orders(State(platform): Shared) -> Json<Value> {
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    let shown = |order: &mut Order| {
        order.grow_old(now);
        transaction(order, UnpaidAnswer::default())
    };
    Json(json!({ "data": ledger.orders.values_mut().map(shown).collect::<Vec<_>>() }))
}
