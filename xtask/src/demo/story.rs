//! The buyer's story, three times: all is well; notifications are lost; nobody pays.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::json;

use super::buyer::{Buyer, Placed, place_short_lived};
use super::platform::Platform;
use super::ports::Ports;
use super::shop::Account;
use super::teller::{chapter, step, until, yuan};
use crate::clock::{Stopwatch, readable};

/// A notification takes milliseconds; a busy machine may take long. Whether it was the notification
/// is not told by the time, but by asking the platform.
const NOTIFIED_LIMIT: Duration = Duration::from_secs(20);
/// The first timed query comes 5 s after the order, the next ones after 30 s and a minute.
const POLLED_LIMIT: Duration = Duration::from_secs(90);
/// How long the third order may be paid. Ten seconds is the least that the server accepts.
const EXPIRES_IN_S: u64 = 10;
/// Expiry, then a query, then the close, each at the job runner's pace.
const CLOSED_LIMIT: Duration = Duration::from_secs(60);

pub(super) fn play(ports: Ports, account: &Account<'_>) -> anyhow::Result<()> {
    let watch = Stopwatch::start();
    let platform = Platform { ports, account };
    let mut buyer = arrive(&platform)?;
    paid_by_notification(&platform, &mut buyer).context("the first order")?;
    paid_by_poll(&platform, &mut buyer).context("the second order")?;
    closed_unpaid(&platform, &buyer).context("the third order")?;
    println!(
        "\nall three orders ended as they should, after {}",
        readable(watch.elapsed())
    );
    Ok(())
}

fn arrive(platform: &Platform<'_>) -> anyhow::Result<Buyer> {
    chapter("A buyer opens the mini program");
    let code = step(
        || platform.login_code(),
        |_| "wx.login gives a code".to_owned(),
    )?;
    let buyer = step(
        || Buyer::log_in(platform.ports.server, &code),
        |_| "the server turns the code into a session; openid and session key stay there".into(),
    )?;
    let list = |goods: &Vec<_>| format!("the shop shows {} goods", goods.len());
    let goods = step(|| buyer.goods(), list)?;
    ensure!(!goods.is_empty(), "the shop is empty");
    Ok(buyer)
}

fn paid_by_notification(platform: &Platform<'_>, buyer: &mut Buyer) -> anyhow::Result<()> {
    chapter("\n1. An order, paid, and reported by WeChat");
    let placed = place(buyer, "longjing", 1)?;
    pay(platform, &placed)?;
    step(
        || {
            until(NOTIFIED_LIMIT, "the order did not become paid", || {
                is_paid(buyer, &placed)
            })
        },
        |()| "the signed, encrypted notification is booked: the order is paid".to_owned(),
    )?;
    step(
        || {
            until(
                NOTIFIED_LIMIT,
                "the platform got no 2xx for its notification",
                || Ok(platform.delivered(&placed.order_no)?.then_some(())),
            )?;
            platform.queries(&placed.order_no)
        },
        |queries| format!("the platform got its 2xx, and was asked {queries} times about it"),
    )
    .and_then(|queries| {
        ensure!(
            queries == 0,
            "the order was asked for, so the notification is not proven"
        );
        Ok(())
    })
}

fn paid_by_poll(platform: &Platform<'_>, buyer: &mut Buyer) -> anyhow::Result<()> {
    chapter("\n2. An order, paid, and every notification lost");
    let lose = json!([{"on": "notification", "kind": "lose"}]);
    step(
        || platform.set_faults(&lose),
        |()| "from now on the network loses notifications".to_owned(),
    )?;
    let placed = place(buyer, "jasmine", 2)?;
    pay(platform, &placed)?;
    step(
        || {
            until(POLLED_LIMIT, "the order did not become paid", || {
                is_paid(buyer, &placed)
            })
        },
        |()| "the timed query asked WeChat: the order is paid".to_owned(),
    )?;
    let (delivered, queries) = (
        platform.delivered(&placed.order_no)?,
        platform.queries(&placed.order_no)?,
    );
    ensure!(
        !delivered,
        "a notification came through, so the poll is not proven"
    );
    ensure!(
        queries > 0,
        "the platform was not asked, so the poll is not proven"
    );
    step(
        || platform.set_faults(&json!([])),
        |()| format!("no notification came through, {queries} query; the network is well again"),
    )
}

fn closed_unpaid(platform: &Platform<'_>, buyer: &Buyer) -> anyhow::Result<()> {
    chapter("\n3. An order that nobody pays");
    let (openid, app_id) = (platform.openid()?, platform.account.text("appid")?);
    let key = format!("demo-{}", platform.login_code()?);
    let placed = step(
        || place_short_lived(platform.ports.server, app_id, &openid, EXPIRES_IN_S, &key),
        |placed| {
            let amount = yuan(placed.amount_fen);
            format!("the shop's own system orders {amount}, to be paid within {EXPIRES_IN_S} s")
        },
    )?;
    ensure!(
        placed.state == "awaiting_payment",
        "the order is {}",
        placed.state
    );
    step(
        || {
            until(CLOSED_LIMIT, "the order was not closed", || {
                let state = buyer.state(&placed.order_no)?;
                ensure!(state != "paid", "nobody paid, and yet it is paid");
                Ok((state == "closed").then_some(()))
            })
        },
        |()| "it expired, WeChat confirmed the close: the order is closed".to_owned(),
    )
}

fn place(buyer: &mut Buyer, goods_id: &str, quantity: u32) -> anyhow::Result<Placed> {
    let placed = step(
        || buyer.buy(goods_id, quantity),
        |placed| {
            let Placed {
                order_no,
                amount_fen,
                state,
                ..
            } = placed;
            format!(
                "order {order_no}: {quantity} × {goods_id}, {}, {state}",
                yuan(*amount_fen)
            )
        },
    )?;
    ensure!(
        placed.state == "awaiting_payment",
        "the order is {}",
        placed.state
    );
    Ok(placed)
}

fn pay(platform: &Platform<'_>, placed: &Placed) -> anyhow::Result<()> {
    let cashier = step(
        || platform.open_cashier(placed),
        |cashier| {
            let amount = yuan(cashier.amount_fen);
            format!(
                "the cashier checks paySign and asks for {amount} to {}",
                cashier.merchant_name
            )
        },
    )?;
    ensure!(
        cashier.amount_fen == placed.amount_fen,
        "the cashier asks for another amount"
    );
    step(
        || platform.pay(&cashier),
        |()| "the buyer types the password: requestPayment:ok, which proves nothing".to_owned(),
    )
}

fn is_paid(buyer: &Buyer, placed: &Placed) -> anyhow::Result<Option<()>> {
    Ok((buyer.state(&placed.order_no)? == "paid").then_some(()))
}
