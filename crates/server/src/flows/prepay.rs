//! One prepay call under the frozen parameters of an order row. It writes nothing: the caller
//! records.

use std::time::Duration;

use domain::{Millis, Order, OrderState, Prepay, PrepayId};
use wechatpay::{ApiCode, Operation};

use super::{FlowError, refresh_order::refresh_order};
use crate::{app::App, gateway, merchant::Merchant};

/// How long WeChat lets a `prepay_id` be used, whatever `time_expire` says.
/// Source: the platform's payment skill, "prepay_id 有效期 2 小时".
const PREPAY_LIFETIME: Duration = Duration::from_secs(2 * 60 * 60);

/// The buyer needs some of it to type a password.
const PREPAY_MARGIN: Duration = Duration::from_secs(5 * 60);

/// Refuses an order that nobody may pay any more, by our rules and before WeChat is asked.
pub(super) fn check_payable(order: &Order, now: Millis) -> Result<(), FlowError> {
    if !order.state.is_payable() {
        return Err(not_payable(order, order.state.name()));
    }
    if now >= order.expires_at {
        return Err(not_payable(order, "past its time to pay"));
    }
    Ok(())
}

pub(super) fn not_payable(order: &Order, state: &'static str) -> FlowError {
    FlowError::OrderNotPayable {
        order_no: order.order_no.clone(),
        state,
    }
}

/// The `prepay_id` that the order already has, while it leaves the buyer time to pay.
pub(super) fn usable(order: &Order, now: Millis) -> Option<&Prepay> {
    match &order.state {
        OrderState::AwaitingPayment { prepay } => {
            let good_until = prepay.issued_at.plus(PREPAY_LIFETIME).minus(PREPAY_MARGIN);
            (now < good_until).then_some(prepay)
        }
        OrderState::Created
        | OrderState::Paid { .. }
        | OrderState::PartiallyRefunded { .. }
        | OrderState::Refunded { .. }
        | OrderState::Closed { .. } => None,
    }
}

/// Asks WeChat for a `prepay_id`. Every parameter comes from the row, so that a repeat is identical
/// and WeChat recognises it: a changed one would be refused, a new number could be paid twice.
pub(super) async fn prepay(
    app: &App,
    merchant: &Merchant,
    order: &Order,
) -> Result<Prepay, FlowError> {
    let request = gateway::jsapi_prepay(order)?;
    match merchant
        .call(Operation::Prepay, merchant.client.jsapi_prepay(&request))
        .await
    {
        Ok(prepay_id) => Ok(Prepay {
            prepay_id: PrepayId::new(prepay_id.as_str()).map_err(anyhow::Error::from)?,
            issued_at: app.clock.now(),
        }),
        Err(error) if is_final(&error) => {
            let order = refresh_order(app, merchant, order.clone()).await?;
            Err(not_payable(&order, order.state.name()))
        }
        Err(error) => Err(FlowError::from_gateway(error)),
    }
}

/// "Already paid" and "already closed" are news about the order, not failures of the call.
fn is_final(error: &wechatpay::Error) -> bool {
    matches!(
        error.code(),
        Some(ApiCode::OrderPaid | ApiCode::OrderClosed)
    )
}
