//! The cashier: what `wx.requestPayment` opens on the phone, and what a person does there. Whoever
//! plays the person tells the story and answers; here only the books change.

mod fail;
mod pay_sign;

use fen::Fen;
use jiff::Timestamp;
use serde_json::Value;
use tracing::info;

pub(crate) use fail::Fail;

use crate::clock::later;
use crate::ledger::{Ledger, Merchant, Order, OrderKey, Payment, Product, State, Visit, openid};
use crate::platform::Platform;
use crate::story::Verdict;
use pay_sign::Checked;

/// The six digits of everybody here.
const PASSWORD: &str = "123456";
/// `h5_url` lives five minutes.
const H5_LINK_SECONDS: i64 = 300;
/// Where the money comes from; the field is an open set.
const BANK_TYPE: &str = "OTHERS";

/// A cashier that has opened, as the person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counter {
    pub cashier_id: String,
    pub amount: Fen,
    pub description: String,
    pub merchant_name: String,
}

/// What came of `wx.requestPayment`.
pub(crate) struct Requested {
    /// Of `paySign`.
    pub verdict: Verdict,
    /// What `paySign` should have been made over.
    pub signed: Option<String>,
    pub opened: Result<Counter, Fail>,
}

/// What came of a link or a code.
pub(crate) struct Scanned {
    /// Whom and what it led to, if anywhere.
    pub visit: Option<Visit>,
    pub opened: Result<Counter, Fail>,
}

/// What came of a payment.
pub(crate) struct Confirmed {
    pub visit: Visit,
    pub paid: Result<Receipt, Fail>,
}

/// A payment that stands in the books, and of which nobody has been notified.
pub(crate) struct Receipt {
    merchant: Merchant,
    order: Order,
    at: Timestamp,
}

/// The five fields of `wx.requestPayment`, with `appid` and `user` around them.
pub(crate) fn request_payment(platform: &Platform, parameters: &Value) -> Requested {
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    let Checked {
        verdict,
        signed,
        outcome,
    } = pay_sign::check(&mut ledger, parameters, now);
    let opened = outcome.and_then(|visit| admit(platform, &mut ledger, visit, now));
    Requested {
        verdict,
        signed,
        opened,
    }
}

/// A QR code or a link in a mobile browser: there is nothing to verify but the order itself.
/// `None`: there is no such user.
pub(crate) fn scan(platform: &Platform, user: String, url: &str) -> Option<Scanned> {
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    if !ledger.people.contains_key(&user) {
        return None;
    }
    let scanned = visit_by_link(&mut ledger, user, url, now);
    Some(Scanned {
        visit: scanned.as_ref().ok().cloned(),
        opened: scanned.and_then(|visit| admit(platform, &mut ledger, visit, now)),
    })
}

/// The person confirms, perhaps with a password. `None`: there is no such cashier.
pub(crate) fn pay(platform: &Platform, id: &str, password: Option<&str>) -> Option<Confirmed> {
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    let visit = ledger.visits.get(id).cloned()?;
    let allowed = if password.is_some_and(|password| password != PASSWORD) {
        Err(Fail::wrong_password())
    } else {
        payable(&mut ledger, &visit, now).and_then(|()| affordable(&mut ledger, &visit, now))
    };
    let paid = allowed.and_then(|()| {
        let receipt = settle(platform, &mut ledger, (&visit.order, &visit.person), now);
        receipt.ok_or_else(|| Fail::unknown_prepay(&visit.prepay_id))
    });
    Some(Confirmed { visit, paid })
}

/// Pays an order that is closed, or paid before: money that no real platform would have taken, for
/// those who want to see what a merchant makes of it. `None`: there is no such order or user.
pub(crate) fn pay_anyway(platform: &Platform, key: &OrderKey, person: &str) -> Option<Receipt> {
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    ledger.people.get(person)?;
    ledger.reopen(key);
    settle(platform, &mut ledger, (key, person), now)
}

/// Books the notification of a payment.
pub(crate) fn notify(platform: &Platform, receipt: &Receipt) {
    let Receipt {
        merchant,
        order,
        at,
    } = receipt;
    let notifier = &platform.notifier;
    notifier.payment(&platform.chance, merchant, order, *at);
    platform.clock.wake();
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

fn admit(
    platform: &Platform,
    ledger: &mut Ledger,
    visit: Visit,
    now: Timestamp,
) -> Result<Counter, Fail> {
    payable(ledger, &visit, now)?;
    let merchant = ledger.merchants.get(&visit.order.mchid);
    let merchant_name = merchant
        .map(|merchant| merchant.name.clone())
        .unwrap_or_default();
    let order = ledger.order(&visit.order, now);
    let order = order.ok_or_else(|| Fail::unknown_prepay(&visit.prepay_id))?;
    let (amount, description) = (order.amount, order.description.clone());
    Ok(Counter {
        cashier_id: ledger.visits.open(&platform.chance, visit),
        amount,
        description,
        merchant_name,
    })
}

/// Whether the order can be paid now by this person with this prepay id.
fn payable(ledger: &mut Ledger, visit: &Visit, now: Timestamp) -> Result<(), Fail> {
    let Some(order) = ledger.order(&visit.order, now) else {
        return Err(Fail::unknown_prepay(&visit.prepay_id));
    };
    match order.state {
        State::Success(_) => return Err(Fail::already_paid()),
        State::Closed => return Err(Fail::closed()),
        State::NotPay => {}
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

fn settle(
    platform: &Platform,
    ledger: &mut Ledger,
    (key, person): (&OrderKey, &str),
    now: Timestamp,
) -> Option<Receipt> {
    let merchant = ledger.merchants.get(&key.mchid).cloned()?;
    let appid = ledger.order(key, now)?.appid.clone();
    let payment = Payment {
        transaction_id: ledger.new_transaction_id(&platform.chance, now),
        paid_at: now,
        bank_type: BANK_TYPE.to_owned(),
        openid: openid(&appid, person),
        person: person.to_owned(),
    };
    let order = ledger.pay(key, payment)?.clone();
    info!(
        mchid = merchant.mchid,
        out_trade_no = order.key.out_trade_no,
        amount_fen = order.amount.get(),
        "paid at the cashier",
    );
    Some(Receipt {
        merchant,
        order,
        at: now,
    })
}
