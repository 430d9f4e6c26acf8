//! When the key was used before: repeat the answer, wait, refuse, or take over what a crash left.

use domain::{Order, OrderNo};
use store::{idempotency, orders};

use super::{Claim, Intent, Placed, SavedAnswer, pay_parameters};
use crate::{
    app::App,
    flows::{
        FlowError,
        lease::{self, Lease},
    },
};

pub(super) enum Earlier {
    Answered(Placed),
    TakenOver(Claim),
}

/// Decides by the row that holds the key.
pub(super) async fn look(app: &App, intent: &Intent) -> Result<Earlier, FlowError> {
    let Some(row) = row(app, intent).await? else {
        // The guard missed and yet there is no row: it was pruned in between, or an order number
        // collided. Either way nothing was written, and the caller's retry starts afresh.
        return Err(FlowError::IdempotencyKeyInFlight);
    };
    if row.request_hash != intent.request_hash {
        return Err(FlowError::IdempotencyKeyReused);
    }
    if let Some(answer) = &row.answer {
        return repeat(app, intent, &row, answer)
            .await
            .map(Earlier::Answered);
    }
    if lease::is_held(app, row.lease_until) {
        return Err(FlowError::IdempotencyKeyInFlight);
    }
    let lease = Lease::take_over(app, &intent.key, row.lease_until).await?;
    let order = order_of(app, intent, &row).await?;
    Ok(Earlier::TakenOver(Claim { order, lease }))
}

/// The goods are gone or sold out, but an earlier success under this key is still the answer.
pub(super) async fn answer_or(
    app: &App,
    intent: &Intent,
    refusal: FlowError,
) -> Result<Placed, FlowError> {
    match row(app, intent).await? {
        Some(row) if row.request_hash != intent.request_hash => {
            Err(FlowError::IdempotencyKeyReused)
        }
        Some(row) => match &row.answer {
            Some(answer) => repeat(app, intent, &row, answer).await,
            None => Err(refusal),
        },
        None => Err(refusal),
    }
}

/// TX 2 found the order or the key changed: by a close, a payment, or a twin that took the key
/// over.
pub(super) async fn after_lost_race(
    app: &App,
    intent: &Intent,
    order: &Order,
) -> Result<Placed, FlowError> {
    if let Some(row) = row(app, intent).await?
        && let Some(answer) = &row.answer
    {
        return repeat(app, intent, &row, answer).await;
    }
    let order = orders::get(&app.store, &order.mch_id, &order.order_no)
        .await?
        .ok_or_else(|| FlowError::OrderNotFound(order.order_no.clone()))?;
    super::prepay::check_payable(&order, app.clock.now())?;
    Err(FlowError::IdempotencyKeyInFlight)
}

async fn row(app: &App, intent: &Intent) -> Result<Option<idempotency::Reserved>, FlowError> {
    Ok(idempotency::get(&app.store, &intent.key).await?)
}

/// The saved payment, signed again to the same bytes, beside the order as it is now.
async fn repeat(
    app: &App,
    intent: &Intent,
    row: &idempotency::Reserved,
    answer: &str,
) -> Result<Placed, FlowError> {
    let saved: SavedAnswer = serde_json::from_str(answer).map_err(anyhow::Error::from)?;
    let order = order_of(app, intent, row).await?;
    let payment = pay_parameters(&intent.merchant, &order, &saved)?;
    Ok(Placed::Before { order, payment })
}

async fn order_of(
    app: &App,
    intent: &Intent,
    row: &idempotency::Reserved,
) -> Result<Order, FlowError> {
    let order_no = OrderNo::new(row.subject.as_str()).map_err(anyhow::Error::from)?;
    let order = orders::get(&app.store, &intent.merchant.mch_id, &order_no).await?;
    order.ok_or(FlowError::OrderNotFound(order_no))
}
