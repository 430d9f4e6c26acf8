//! After the last fault: let everything settle, collect the books, and compare.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use domain::{MchId, OrderNo};
use serde_json::Value;
use store::{Store, exceptions, history, jobs, outbox, webhook_deliveries, webhook_endpoints};

use crate::books::{Books, Event, Order, Refund};
use crate::check::{Counts, Violation, check, counts};
use crate::clock::{Stopwatch, pause, until};
use crate::load::Follower;
use crate::stage::Stage;

/// How long the server may take over what is due now, before time moves on. It looks for due work
/// ten times a second; a loaded machine is slower.
const BREATH: Duration = Duration::from_millis(300);
/// So long without progress, and time moves on.
const STILL: Duration = Duration::from_millis(900);
/// Steps of virtual time: ten hours, in which every ladder has had a dozen attempts.
const STEPS_MAX: u32 = 180;
const STEP_S: u32 = 200;
/// A page of the interface, and a bound for all pages together.
const PAGE: u32 = 100;
const PAGES_MAX: u32 = 10_000;
const PATIENCE: Duration = Duration::from_secs(60);

/// What an audit says.
#[derive(Debug)]
pub struct Verdict {
    pub counts: Counts,
    pub violations: Vec<Violation>,
}

/// Waits until nothing is due any more, moving time, and compares everything.
///
/// # Errors
/// When the server or its database does not answer.
pub async fn audit(stage: &Stage, follower: Follower) -> Result<Verdict> {
    settle(stage).await?;
    let followed = follower.catch_up().await;
    let mut books = collect(stage).await?;
    books.followed = followed;
    let entries = stage.history.entries();
    Ok(Verdict {
        counts: counts(&entries, &books),
        violations: check(&entries, &books),
    })
}

/// Moves both clocks until no job, refund or webhook is left to be done.
///
/// # Errors
/// When the database does not answer. What does not settle is for the check to name.
pub async fn settle(stage: &Stage) -> Result<()> {
    let store = stage.database.open()?;
    let mch_id = stage.platform.mch_id()?;
    for _ in 0..STEPS_MAX {
        let mut before = usize::MAX;
        let mut still = Stopwatch::start();
        loop {
            let left = open_work(stage, &store, &mch_id).await?;
            if left == 0 {
                return Ok(());
            }
            if left < before {
                before = left;
                still = Stopwatch::start();
            } else if still.elapsed() > STILL {
                break;
            }
            pause(BREATH).await;
        }
        stage.advance(STEP_S).await?;
    }
    Ok(())
}

/// How much is left to be done, roughly: it only has to fall, and to end at nothing.
async fn open_work(stage: &Stage, store: &Store, mch_id: &MchId) -> Result<usize> {
    let mut left = 0;
    for kind in ["poll", "close", "refund"] {
        left += usize::from(jobs::next_due(store, mch_id, kind).await?.is_some());
    }
    for state in ["created", "awaiting_payment"] {
        left += orders_in(stage, state).await?;
    }
    // Reading behind the last one gives the newest events their positions, and only with these are
    // they owed to anybody.
    let last = outbox::last_position(store, mch_id).await?;
    read(stage, &format!("/v1/events?after={last}&limit=1")).await?;
    let last = outbox::last_position(store, mch_id).await?;
    for endpoint in webhook_endpoints::list(store, mch_id).await? {
        left += usize::from(
            webhook_deliveries::next_due(store, &endpoint)
                .await?
                .is_some(),
        );
        left += usize::from(endpoint.position < last);
    }
    Ok(left)
}

async fn orders_in(stage: &Stage, state: &str) -> Result<usize> {
    let path = format!("/v1/orders?state={state}&limit={PAGE}");
    let body = read(stage, &path).await?;
    Ok(body
        .get("data")
        .and_then(Value::as_array)
        .map_or(0, Vec::len))
}

/// Reads every book there is.
///
/// # Errors
/// When somebody does not answer, or shows something else than agreed.
pub async fn collect(stage: &Stage) -> Result<Books> {
    let store = stage.database.open()?;
    let mch_id = stage.platform.mch_id()?;
    let mut books = Books {
        events: events(stage).await?,
        orders: orders(stage).await?,
        held_orders: stage.platform.orders().await?,
        held_refunds: stage.platform.refunds().await?,
        last_position: outbox::last_position(&store, &mch_id).await?,
        told: stage.receiver.taken(),
        ..Books::default()
    };
    let found = exceptions::page(&store, &mch_id, None, PAGE).await?;
    books.exceptions = found
        .iter()
        .map(|(_, exception)| format!("{} of {}", exception.kind.name(), exception.order_no))
        .collect();
    for order in &books.orders {
        books.histories.insert(
            order.order_no.clone(),
            history_of(&store, &mch_id, &order.order_no).await?,
        );
        if order.state != "closed" {
            books.refunds.extend(refunds(stage, &order.order_no).await?);
        }
    }
    Ok(books)
}

async fn history_of(store: &Store, mch_id: &MchId, order_no: &str) -> Result<Vec<(i64, String)>> {
    let order_no = OrderNo::new(order_no)?;
    let changes = history::list(store, mch_id, &order_no, 0, PAGE).await?;
    let changes = changes.into_iter();
    Ok(changes
        .map(|change| (change.version, change.state.name().to_owned()))
        .collect())
}

async fn orders(stage: &Stage) -> Result<Vec<Order>> {
    let mut orders: BTreeMap<String, Order> = BTreeMap::new();
    let mut cursor = String::new();
    for _ in 0..PAGES_MAX {
        let body = read(stage, &format!("/v1/orders?limit={PAGE}{cursor}")).await?;
        for order in list(&body)? {
            let order: Order = serde_json::from_value(order.clone())?;
            orders.insert(order.order_no.clone(), order);
        }
        match body.get("next_cursor").and_then(Value::as_str) {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    Ok(orders.into_values().collect())
}

async fn refunds(stage: &Stage, order_no: &str) -> Result<Vec<Refund>> {
    let body = read(stage, &format!("/v1/orders/{order_no}/refunds")).await?;
    let read = |refund: &Value| Ok(serde_json::from_value(refund.clone())?);
    list(&body)?.iter().map(read).collect()
}

async fn events(stage: &Stage) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    let mut after = String::new();
    for _ in 0..PAGES_MAX {
        let body = read(stage, &format!("/v1/events?limit={PAGE}{after}")).await?;
        let page = list(&body)?;
        for event in page {
            events.push(Event::read(event)?);
        }
        if page.is_empty() {
            break;
        }
        let next = body.get("next_cursor").and_then(Value::as_str);
        after = format!("&after={}", next.context("no cursor")?);
    }
    Ok(events)
}

fn list(body: &Value) -> Result<&Vec<Value>> {
    let data = body.get("data").and_then(Value::as_array);
    data.with_context(|| format!("no list in {body}"))
}

/// Reads, again and again where the server is not certain.
async fn read(stage: &Stage, path: &str) -> Result<Value> {
    until(path, PATIENCE, async || {
        let reply = stage.shop.merchant(0, "GET", path, None, None).await;
        Ok(reply
            .filter(crate::shop::Reply::is_success)
            .map(|reply| reply.body))
    })
    .await
}
