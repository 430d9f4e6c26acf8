//! Clients that shop, pay, refund and close at random, all at once, each as careful as a client of
//! money has to be: one key for each intent, the same key until the answer is certain.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use fen::Fen;
use serde_json::Value;

use crate::books::Order;
use crate::chance::Chance;
use crate::clock::pause;
use crate::history::{Entry, History};
use crate::shop::{Outcome, Placed, Shop};

/// Orders of one run, so that neither the history nor the audit grows without end.
const INTENTS_MAX: u64 = 50_000;
/// How often one intent is tried: for more than a minute.
const ATTEMPTS_MAX: u32 = 400;
/// Between two attempts, and between two looks at an order that is about to be paid.
const BETWEEN: (u64, u64) = (20, 400);
/// How often somebody looks whether his payment has arrived, before he does something else.
const LOOKS_MAX: u32 = 6;

/// What all clients share.
#[derive(Debug)]
pub struct Crowd {
    pub shop: Arc<Shop>,
    pub history: Arc<History>,
    stop: AtomicBool,
    intents: AtomicU64,
}

impl Crowd {
    pub fn new(shop: Arc<Shop>, history: Arc<History>) -> Self {
        Self {
            shop,
            history,
            stop: AtomicBool::new(false),
            intents: AtomicU64::new(0),
        }
    }

    /// Everybody goes home after the attempt that he is making. What is not certain then stays so.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    fn is_over(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// A key for an intent, or the end of this run's intents.
    fn key(&self, kind: &str) -> Option<String> {
        let number = self.intents.fetch_add(1, Ordering::SeqCst);
        (number < INTENTS_MAX && !self.is_over()).then(|| format!("{kind}-{number}"))
    }
}

/// One client's life.
///
/// # Errors
/// When the server gives an answer that its interface does not have.
pub async fn shop_around(crowd: Arc<Crowd>, mut chance: Chance) -> Result<()> {
    while let Some(key) = crowd.key("order") {
        let fen = 100 + i64::try_from(chance.below(10_000))?;
        let amount = Fen::new(fen)?;
        crowd.history.add(Entry::WantsOrder {
            key: key.clone(),
            amount,
        });
        let Some(placed) = place(&crowd, &mut chance, &key, amount).await? else {
            continue;
        };
        if chance.percent(15) {
            close(&crowd, &mut chance, &placed.order.order_no).await?;
        } else if chance.percent(85) && crowd.shop.pay(&placed).await? {
            after_payment(&crowd, &mut chance, &placed).await?;
        }
    }
    Ok(())
}

/// Some buyers tap twice: the same key at the same moment, at two replicas where there are two.
async fn place(
    crowd: &Crowd,
    chance: &mut Chance,
    key: &str,
    amount: Fen,
) -> Result<Option<Placed>> {
    let shop = &crowd.shop;
    for _ in 0..ATTEMPTS_MAX {
        let at = chance.index(shop.replicas());
        let outcome = if chance.percent(20) {
            let twin = shop.order(at + 1, key, amount);
            let (one, other) = tokio::join!(shop.order(at, key, amount), twin);
            either(one?, other?)
        } else {
            shop.order(at, key, amount).await?
        };
        match outcome {
            Outcome::Done(placed) => return Ok(Some(placed)),
            // It expired, or was closed, before it could be answered.
            Outcome::Refused(code) if code == "ORDER_NOT_PAYABLE" => return Ok(None),
            Outcome::Refused(code) => bail!("an order was refused with {code}"),
            Outcome::Uncertain => {}
        }
        if crowd.is_over() {
            return Ok(None);
        }
        pause(chance.millis(BETWEEN.0, BETWEEN.1)).await;
    }
    bail!("an order had no certain answer after {ATTEMPTS_MAX} attempts")
}

fn either<T>(one: Outcome<T>, other: Outcome<T>) -> Outcome<T> {
    match (one, other) {
        (Outcome::Done(value), _) | (_, Outcome::Done(value)) => Outcome::Done(value),
        (Outcome::Refused(code), _) | (_, Outcome::Refused(code)) => Outcome::Refused(code),
        (Outcome::Uncertain, Outcome::Uncertain) => Outcome::Uncertain,
    }
}

async fn close(crowd: &Crowd, chance: &mut Chance, order_no: &str) -> Result<()> {
    for _ in 0..LOOKS_MAX {
        let at = chance.index(crowd.shop.replicas());
        if let Outcome::Done(_) = crowd.shop.about(at, order_no, "/close").await? {
            return Ok(());
        }
        if crowd.is_over() {
            return Ok(());
        }
        pause(chance.millis(BETWEEN.0, BETWEEN.1)).await;
    }
    Ok(())
}

/// Looks whether it has arrived, and then wants some of it back, or all.
async fn after_payment(crowd: &Crowd, chance: &mut Chance, placed: &Placed) -> Result<()> {
    let order = &placed.order;
    let mut arrived = false;
    for _ in 0..LOOKS_MAX {
        let at = chance.index(crowd.shop.replicas());
        let what = if chance.percent(50) { "" } else { "/refresh" };
        let seen = crowd.shop.about(at, &order.order_no, what).await?;
        arrived = matches!(seen, Outcome::Done(Order { state, .. }) if state == "paid");
        if arrived || crowd.is_over() {
            break;
        }
        pause(chance.millis(BETWEEN.0, BETWEEN.1)).await;
    }
    if arrived && chance.percent(50) {
        let third = Fen::new(order.amount_fen.get() / 3)?;
        let amount = if chance.percent(30) {
            order.amount_fen
        } else {
            third
        };
        for _ in 0..=chance.below(2) {
            refund(crowd, chance, &order.order_no, amount).await?;
        }
    }
    Ok(())
}

async fn refund(crowd: &Crowd, chance: &mut Chance, order_no: &str, amount: Fen) -> Result<()> {
    let Some(key) = crowd.key("refund") else {
        return Ok(());
    };
    crowd.history.add(Entry::WantsRefund {
        key: key.clone(),
        order_no: order_no.to_owned(),
        amount,
    });
    let shop = &crowd.shop;
    for _ in 0..ATTEMPTS_MAX {
        let at = chance.index(shop.replicas());
        let outcome = if chance.percent(20) {
            let twin = shop.refund(at + 1, &key, order_no, amount);
            let (one, other) = tokio::join!(shop.refund(at, &key, order_no, amount), twin);
            either(one?, other?)
        } else {
            shop.refund(at, &key, order_no, amount).await?
        };
        match outcome {
            Outcome::Done(_) => return Ok(()),
            // All of it went back already, by the refund before.
            Outcome::Refused(code)
                if code == "REFUND_EXCEEDS_PAYMENT" || code == "ORDER_NOT_REFUNDABLE" =>
            {
                return Ok(());
            }
            Outcome::Refused(code) => bail!("a refund was refused with {code}"),
            Outcome::Uncertain if crowd.is_over() => return Ok(()),
            Outcome::Uncertain => pause(chance.millis(BETWEEN.0, BETWEEN.1)).await,
        }
    }
    bail!("a refund had no certain answer after {ATTEMPTS_MAX} attempts")
}

/// Reads the events in their order, from wherever it can, as a merchant's bookkeeping would.
#[derive(Debug)]
pub struct Follower {
    shop: Arc<Shop>,
    cursor: Option<String>,
    seen: Vec<String>,
}

impl Follower {
    pub fn new(shop: Arc<Shop>) -> Self {
        Self {
            shop,
            cursor: None,
            seen: Vec::new(),
        }
    }

    /// Reads until the crowd goes home.
    pub async fn follow(mut self, crowd: Arc<Crowd>, mut chance: Chance) -> Self {
        while !crowd.is_over() {
            let at = chance.index(self.shop.replicas());
            if self.read_page(at).await != Some(true) {
                pause(Duration::from_millis(50)).await;
            }
        }
        self
    }

    /// Reads what is left, and returns everything it has seen.
    pub async fn catch_up(mut self) -> Vec<String> {
        let mut silent = 0;
        while silent < ATTEMPTS_MAX {
            match self.read_page(0).await {
                Some(true) => {}
                Some(false) => return self.seen,
                None => {
                    silent += 1;
                    pause(Duration::from_millis(100)).await;
                }
            }
        }
        self.seen
    }

    /// Whether there was something on the page; `None` when nobody could say.
    async fn read_page(&mut self, at: usize) -> Option<bool> {
        let after = self
            .cursor
            .as_ref()
            .map(|cursor| format!("&after={cursor}"));
        let path = format!("/v1/events?limit=100{}", after.unwrap_or_default());
        let reply = self.shop.merchant(at, "GET", &path, None, None).await?;
        let data = reply.body.get("data").and_then(Value::as_array)?;
        let ids = data.iter().filter_map(|event| event.get("id"));
        let ids: Vec<String> = ids.filter_map(Value::as_str).map(str::to_owned).collect();
        self.cursor = Some(reply.body.get("next_cursor")?.as_str()?.to_owned());
        self.seen.extend(ids.iter().cloned());
        Some(!ids.is_empty())
    }
}
