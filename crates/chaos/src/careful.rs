//! A careful client: it keeps asking with the same key until the answer is certain, whatever
//! happens to the server meanwhile.

use std::time::Duration;

use anyhow::{Result, bail};
use fen::Fen;

use crate::books::{Order, Refund};
use crate::clock::until;
use crate::history::{Entry, History};
use crate::shop::{Outcome, Placed, Shop};

/// Longer than a failover, a start and a lease together, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// An order, whatever it takes.
///
/// # Errors
/// When it is refused, or nobody answers for very long.
pub async fn place(shop: &Shop, history: &History, key: &str, amount: Fen) -> Result<Placed> {
    let wanted = key.to_owned();
    history.add(Entry::WantsOrder {
        key: wanted,
        amount,
    });
    until("an order to be placed", PATIENCE, async || {
        certain(shop.order(0, key, amount).await?)
    })
    .await
}

/// A refund, whatever it takes.
///
/// # Errors
/// When it is refused, or nobody answers for very long.
pub async fn refund(
    shop: &Shop,
    history: &History,
    key: &str,
    order_no: &str,
    amount: Fen,
) -> Result<Refund> {
    history.add(Entry::WantsRefund {
        key: key.to_owned(),
        order_no: order_no.to_owned(),
        amount,
    });
    until("a refund to be taken", PATIENCE, async || {
        certain(shop.refund(0, key, order_no, amount).await?)
    })
    .await
}

/// Reads, closes or refreshes an order, whatever it takes.
///
/// # Errors
/// When it is refused, or nobody answers for very long.
pub async fn about(shop: &Shop, order_no: &str, what: &str) -> Result<Order> {
    until("an order to be answered", PATIENCE, async || {
        certain(shop.about(0, order_no, what).await?)
    })
    .await
}

/// Waits until an order is in this state.
///
/// # Errors
/// When it does not get there.
pub async fn state(shop: &Shop, order_no: &str, wanted: &str) -> Result<Order> {
    until(&format!("an order to be {wanted}"), PATIENCE, async || {
        let order = certain(shop.about(0, order_no, "").await?)?;
        Ok(order.filter(|order| order.state == wanted))
    })
    .await
}

fn certain<T>(outcome: Outcome<T>) -> Result<Option<T>> {
    match outcome {
        Outcome::Done(value) => Ok(Some(value)),
        Outcome::Uncertain => Ok(None),
        Outcome::Refused(code) => bail!("refused with {code}"),
    }
}
