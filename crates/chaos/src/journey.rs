//! One buyer's story with everything in it that lasts: login, order, payment by notification,
//! partial refund, payment found by the poll, close, webhooks. It is told to a server that may die
//! at any moment and is started again.

use std::time::Duration;

use anyhow::{Result, bail};
use fen::Fen;
use serde_json::json;

use crate::careful;
use crate::clock::{pause, until};
use crate::stage::Stage;

/// A dead server is noticed this soon.
const GLANCE: Duration = Duration::from_millis(5);
/// After a death time moves on by so much: beyond every lease that died with the server
/// (nine seconds for a key, fifteen for a job), and to the platform's next try of a notification.
const AFTER_DEATH_S: u32 = 16;
/// A refund settles after five seconds, an order is first asked about after five.
const SETTLES_S: u32 = 6;
const PATIENCE: Duration = Duration::from_secs(60);
/// A server that dies more often than this dies of itself.
const DEATHS_MAX: u32 = 3;

/// Plays the story to its end, and says how often the server died meanwhile.
///
/// # Errors
/// When the story gets stuck, or an answer makes no sense.
pub async fn play(stage: &Stage) -> Result<u32> {
    let (tell, deaths) = tokio::sync::watch::channel(0);
    tokio::select! {
        told = story(stage) => told?,
        failed = keep_alive(stage, &tell) => failed?,
    }
    Ok(*deaths.borrow())
}

/// Starts the server whenever it is not running. What struck it does not strike again.
async fn keep_alive(stage: &Stage, deaths: &tokio::sync::watch::Sender<u32>) -> Result<()> {
    let server = stage.server();
    let mut is_up = server.try_start().await?;
    loop {
        while is_up && server.is_running().await? {
            pause(GLANCE).await;
        }
        deaths.send_modify(|deaths| *deaths += 1);
        if *deaths.borrow() > DEATHS_MAX {
            bail!("the server died again and again");
        }
        server.faults.disarm()?;
        is_up = server.try_start().await?;
        stage.advance(AFTER_DEATH_S).await?;
    }
}

async fn story(stage: &Stage) -> Result<()> {
    let (shop, history) = (&stage.shop, &stage.history);
    shop.listen_to_webhooks(&stage.receiver.url).await?;
    let token = log_in(stage).await?;

    let price = Fen::new(1790)?;
    let notified = careful::place(shop, history, "notified", price).await?;
    shop.pay(&notified).await?;
    careful::state(shop, &notified.order.order_no, "paid").await?;
    let back = Fen::new(500)?;
    careful::refund(shop, history, "back", &notified.order.order_no, back).await?;

    stage.lose_notifications().await?;
    let polled = careful::place(shop, history, "polled", price).await?;
    shop.pay(&polled).await?;
    stage.advance(SETTLES_S).await?;
    careful::state(shop, &polled.order.order_no, "paid").await?;
    stage.platform_faults(&json!([])).await?;

    let closed = careful::place(shop, history, "closed", price).await?;
    careful::about(shop, &closed.order.order_no, "/close").await?;
    still_logged_in(stage, &token).await
}

/// A login code is good once, so an answer that was lost costs a new one.
async fn log_in(stage: &Stage) -> Result<String> {
    until("a login", PATIENCE, async || {
        let body = json!({"code": stage.platform.login_code().await?});
        let reply = stage
            .shop
            .call(0, "POST", "/v1/mp/login", &[], Some(&body))
            .await;
        let token = reply.and_then(|reply| reply.body.get("token").cloned());
        Ok(token.and_then(|token| token.as_str().map(str::to_owned)))
    })
    .await
}

/// A session that was given out is as good as an order that was acknowledged.
async fn still_logged_in(stage: &Stage, token: &str) -> Result<()> {
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str())];
    let status = until("the buyer's own orders", PATIENCE, async || {
        let reply = stage
            .shop
            .call(0, "GET", "/v1/mp/orders", &headers, None)
            .await;
        Ok(reply
            .filter(|reply| reply.status < 500)
            .map(|reply| reply.status))
    })
    .await?;
    if status != 200 {
        bail!("a session that was given out is answered {status}");
    }
    Ok(())
}

/// How many orders and refunds the story has, for whoever compares.
pub const ORDERS: usize = 3;
pub const REFUNDS: usize = 1;
/// Two payments, a close, a refund.
pub const EVENTS: usize = 4;
