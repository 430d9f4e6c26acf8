//! The cashier: what `wx.requestPayment` opens on the phone.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::info;

use super::fail::Fail;
use super::pay_sign::{self, Checked};
use super::{Answer, Problem, Shared, read};
use crate::clock::later;
use crate::ledger::{
    Ledger, Merchant, Order, Payment, Product, State as OrderState, Visit, openid,
};
use crate::settings::UnpaidAnswer;
use crate::story::cashier::{self as told, Step};
use crate::story::states;
use crate::wire::transaction::transaction;

/// The six digits of everybody here.
const PASSWORD: &str = "123456";
/// `h5_url` lives five minutes.
const H5_LINK_SECONDS: i64 = 300;
/// Where the money comes from; the field is an open set.
const BANK_TYPE: &str = "OTHERS";

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
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    let Checked {
        verdict,
        signed,
        outcome,
    } = pay_sign::check(&mut ledger, &parameters, now);
    let opened = outcome.and_then(|visit| payable(&mut ledger, &visit, now).map(|()| visit));
    let (step, answer) = match opened {
        Ok(visit) => (Step::Opened, admit(&mut ledger, visit, now)),
        Err(fail) => (Step::NotOpened(fail.words()), fail.shown()),
    };
    drop(ledger);
    states::tell(&platform);
    told::request_payment(&platform, &parameters, (verdict, signed), step, &answer);
    Ok(Json(answer))
}

/// A QR code or a link in a mobile browser: there is nothing to verify but the order itself.
pub(super) async fn scan(State(platform): Shared, body: Bytes) -> Answer {
    let Scan { user, url } = read(&body)?;
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    if !ledger.people.contains_key(&user) {
        return Err(Problem::new(404, "no such user; POST /control/users first"));
    }
    let scanned = visit_by_link(&mut ledger, user, &url, now);
    let visit = scanned.as_ref().ok().cloned();
    let opened = scanned.and_then(|visit| payable(&mut ledger, &visit, now).map(|()| visit));
    let (step, answer) = match opened {
        Ok(visit) => (Step::Opened, admit(&mut ledger, visit, now)),
        Err(fail) => (Step::NotOpened(fail.words()), fail.shown()),
    };
    drop(ledger);
    states::tell(&platform);
    told::step(&platform, SCAN, visit.as_ref(), step, &answer);
    Ok(Json(answer))
}

fn visit_by_link(
    ledger: &mut Ledger,
    person: String,
    url: &str,
    now: Timestamp,
) -> Result<Visit, Fail> {
    let known = |part: &&str| ledger.prepays.contains_key(*part);
    let prepay_id = url.split(['=', '&']).find(known);
    let prepay_id = prepay_id
        .ok_or_else(|| Fail::unknown_prepay(url))?
        .to_owned();
    let order = ledger.order_of_prepay(&prepay_id, now);
    let order = order.ok_or_else(|| Fail::unknown_prepay(&prepay_id))?;
    check_link(order, &prepay_id, now)?;
    let order = order.key.clone();
    Ok(Visit {
        order,
        prepay_id,
        person,
    })
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
    let paid = if password.is_some_and(|password| password != PASSWORD) {
        Err(Fail::wrong_password())
    } else {
        payable(&mut ledger, &visit, now).and_then(|()| affordable(&mut ledger, &visit, now))
    };
    let booked = paid.map(|()| settle(&mut ledger, &visit, now));
    drop(ledger);
    let (step, answer) = match &booked {
        Ok(_) => (Step::Paid, json!({ "errMsg": "requestPayment:ok" })),
        Err(fail) => (Step::NotPaid(fail.words()), fail.shown()),
    };
    // The story tells first what the person did, then what became of the order, and only then
    // the notification, which nobody else could have booked.
    told::step(&platform, PAY, Some(&visit), step, &answer);
    states::tell(&platform);
    if let Ok(Some((merchant, order))) = booked {
        platform.notifier.payment(&merchant, &order, now);
        platform.clock.wake();
    }
    Ok(Json(answer))
}

/// Whether there is enough in the purse; without a set balance there always is.
fn affordable(ledger: &mut Ledger, visit: &Visit, now: Timestamp) -> Result<(), Fail> {
    let person = ledger.people.get(&visit.person);
    let Some(balance) = person.and_then(|person| person.balance) else {
        return Ok(());
    };
    let amount = ledger.order(&visit.order, now).map(|order| order.amount);
    if amount.is_some_and(|amount| amount > balance) {
        return Err(Fail::not_enough(balance));
    }
    Ok(())
}

/// Books the payment. What comes back is to be notified of.
fn settle(ledger: &mut Ledger, visit: &Visit, now: Timestamp) -> Option<(Merchant, Order)> {
    let transaction_id = ledger.new_transaction_id(now);
    let merchant = ledger.merchants.get(&visit.order.mchid).cloned()?;
    let appid = ledger.order(&visit.order, now)?.appid.clone();
    let payment = Payment {
        transaction_id,
        paid_at: now,
        bank_type: BANK_TYPE.to_owned(),
        openid: openid(&appid, &visit.person),
        person: visit.person.clone(),
    };
    let order = ledger.pay(&visit.order, payment)?.clone();
    info!(
        mchid = merchant.mchid,
        out_trade_no = order.key.out_trade_no,
        amount_fen = order.amount.get(),
        "paid at the cashier",
    );
    Some((merchant, order))
}

pub(super) async fn cancel(State(platform): Shared, Path(id): Path<String>) -> Answer {
    let visit = platform.ledger().visits.leave(&id);
    let visit = visit.ok_or_else(|| Problem::new(404, "no such cashier, or it was left"))?;
    let answer = json!({ "errMsg": "requestPayment:fail cancel" });
    told::step(&platform, CANCEL, Some(&visit), Step::Left, &answer);
    Ok(Json(answer))
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
