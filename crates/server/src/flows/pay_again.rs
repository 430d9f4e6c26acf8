//! The buyer left the cashier and comes back: the same order, payable again.
//!
//! 1. a `prepay_id` younger than two hours is signed afresh: no call, no transaction;
//! 2. else prepay again under the frozen parameters, with no transaction open;
//! 3. TX `prepay_issued`: order `awaiting_payment` (guarded by version); sign, answer 200.
//!
//! | crash | what is left |
//! |---|---|
//! | after the prepay, before the TX | WeChat has a newer `prepay_id` that nobody was given; a retry asks again |

use std::sync::Arc;

use domain::{Order, OrderEvent, OrderNo, OrderState, Prepay, Transition};
use store::{StoreError, Tx, orders};
use tokio::sync::OwnedSemaphorePermit;
use wechatpay::RequestPayment;

use super::{DECISIONS_MAX, FlowError, log_in::Buyer, place_order::detached, prepay, read_orders};
use crate::{app::App, gateway, merchant::Merchant};

/// # Errors
/// `OrderNotPayable` when the order is paid, closed or past its time; `GatewayUnavailable` when a
/// new `prepay_id` was needed and WeChat gave no certain answer.
pub async fn pay_again(
    app: Arc<App>,
    permit: OwnedSemaphorePermit,
    buyer: Buyer,
    order_no: OrderNo,
) -> Result<(Order, RequestPayment), FlowError> {
    let order = read_orders::own(&app, &buyer, &order_no).await?;
    let merchant = buyer.merchant;
    detached(&app.clone(), permit, async move {
        pay(&app, &merchant, order).await
    })
    .await
}

async fn pay(
    app: &App,
    merchant: &Merchant,
    mut order: Order,
) -> Result<(Order, RequestPayment), FlowError> {
    for _ in 0..DECISIONS_MAX {
        prepay::check_payable(&order, app.clock.now())?;
        if let Some(prepay) = prepay::usable(&order, app.clock.now()) {
            let payment = sign(merchant, &order, prepay)?;
            return Ok((order, payment));
        }
        let issued = prepay::prepay(app, merchant, &order).await?;
        match order.apply(OrderEvent::PrepayIssued(issued.clone())) {
            // WeChat gave the one that we have: nothing to write.
            Ok(Transition::AlreadyApplied) => {
                let payment = sign(merchant, &order, &issued)?;
                return Ok((order, payment));
            }
            Ok(Transition::Advanced(next)) => {
                if let Some(order) = record(app, &order, &next).await? {
                    let payment = sign(merchant, &order, &issued)?;
                    return Ok((order, payment));
                }
            }
            Err(_) => return Err(prepay::not_payable(&order, order.state.name())),
        }
        order = read_orders::of_merchant(app, merchant, &order.order_no).await?;
    }
    Err(FlowError::OrderBusy(order.order_no))
}

/// `None` when somebody else changed the order first.
async fn record(app: &App, order: &Order, next: &OrderState) -> Result<Option<Order>, FlowError> {
    let mut tx = Tx::new("prepay_issued");
    let order = orders::record(&mut tx, order, next, app.clock.now());
    match app.commit(tx).await {
        Ok(()) => Ok(Some(order)),
        Err(StoreError::GuardMissed { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn sign(merchant: &Merchant, order: &Order, prepay: &Prepay) -> Result<RequestPayment, FlowError> {
    let app_id = gateway::app_id(&order.app_id)?;
    let prepay_id =
        wechatpay::PrepayId::new(prepay.prepay_id.as_str()).map_err(anyhow::Error::from)?;
    Ok(merchant.client.request_payment(&app_id, &prepay_id))
}
