//! Closing is an intent until WeChat confirms it: query, close, confirm, `closed`.
//!
//! 1. query: a payment that just happened wins, and is settled;
//! 2. close at WeChat, with no transaction open;
//! 3. TX `close_confirmed`: order `closed` (guarded by version), history, event, its jobs finished.
//!
//! | crash or failure | what is left | what happens next |
//! |---|---|---|
//! | after WeChat closed, before the TX | an open order here | the poll or a retry queries, reads CLOSED, records it |
//! | close outcome unknown | an open order, a close job | 503; the job asks again until it is certain |
//! | close refused as paid | | query and settle: the answer is the paid order |
//!
//! An order that WeChat does not know needs care. A close of an unknown number may be answered with
//! success and then block the number, so nothing is closed before its first prepay: a `created`
//! order that WeChat does not know is closed here only, and not while its prepay may be on its way.
//! Should a prepay arrive even later, TX 2 of the placing flow misses its guard and gives the
//! `prepay_id` to nobody, so that the order at WeChat cannot be paid and lapses by itself.

use std::time::Duration;

use domain::{Order, OrderEvent, OrderState, Transition};
use store::{StoreError, Tx, jobs, orders};
use tracing::{info, warn};
use wechatpay::{ApiCode, Operation};

use super::{
    DECISIONS_MAX, FlowError,
    refresh_order::{AtWechat, observe},
};
use crate::{app::App, gateway, jobs::kind, merchant::Merchant};

/// After an unknown outcome WeChat is asked again this soon.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Returns the order as it truly is afterwards: closed, or paid if the buyer was faster.
///
/// # Errors
/// `GatewayUnavailable` when WeChat gave no certain answer (the intent is kept and pursued);
/// `OrderBusy` while the order is being placed.
pub async fn close_order(app: &App, merchant: &Merchant, order: Order) -> Result<Order, FlowError> {
    if !order.state.is_payable() {
        return Ok(order);
    }
    let (order, at_wechat) = observe(app, merchant, order).await?;
    match (at_wechat, &order.state) {
        (AtWechat::Final, _) => Ok(order),
        (AtWechat::Unknown, OrderState::Created) => close_unsent(app, order).await,
        (AtWechat::Unknown | AtWechat::Payable, _) => close_at_wechat(app, merchant, order).await,
    }
}

async fn close_unsent(app: &App, order: Order) -> Result<Order, FlowError> {
    if app.clock.now() < order.created_at.plus(app.settings.prepay_time) {
        return Err(FlowError::OrderBusy(order.order_no));
    }
    confirm_closed(app, order).await
}

async fn close_at_wechat(app: &App, merchant: &Merchant, order: Order) -> Result<Order, FlowError> {
    let out_trade_no = gateway::out_trade_no(&order.order_no)?;
    let call = merchant.client.close(&out_trade_no);
    let Err(error) = merchant.call(Operation::Close, call).await else {
        return confirm_closed(app, order).await;
    };
    match error.code() {
        // A refusal is not signed; the query that proves it is.
        Some(ApiCode::OrderPaid | ApiCode::OrderClosed) => {
            match observe(app, merchant, order).await? {
                (order, AtWechat::Final) => Ok(order),
                (_, AtWechat::Payable | AtWechat::Unknown) => {
                    Err(FlowError::GatewayUnavailable(error))
                }
            }
        }
        // Query and close both deny an order whose prepay WeChat once confirmed. Past its time
        // nobody can pay it any more; before, this may be one of WeChat's places lagging behind
        // another.
        Some(ApiCode::OrderNotExist) if app.clock.now() >= order.expires_at => {
            warn!(order.no = %order.order_no, "WeChat no longer knows an order that it once took");
            confirm_closed(app, order).await
        }
        Some(ApiCode::OrderNotExist) => Err(FlowError::OrderBusy(order.order_no)),
        Some(_) | None => {
            let error = FlowError::from_gateway(error);
            if matches!(error, FlowError::GatewayUnavailable(_)) {
                pursue(app, &order).await?;
            }
            Err(error)
        }
    }
}

/// Keeps the intent to close, so that an unknown outcome becomes a certain one without the caller.
async fn pursue(app: &App, order: &Order) -> Result<(), FlowError> {
    let mut tx = Tx::new("close_later");
    let due = app.clock.now().plus(ASK_AGAIN);
    jobs::put(
        &mut tx,
        &order.mch_id,
        kind::CLOSE,
        order.order_no.as_str(),
        due,
    );
    app.commit(tx).await?;
    Ok(())
}

/// Records what WeChat confirmed. When a payment was faster, the paid order is the answer.
pub(super) async fn confirm_closed(app: &App, mut order: Order) -> Result<Order, FlowError> {
    for _ in 0..DECISIONS_MAX {
        let now = app.clock.now();
        let next = match order.apply(OrderEvent::CloseConfirmed { at: now }) {
            Ok(Transition::Advanced(next)) => next,
            Ok(Transition::AlreadyApplied) => return Ok(order),
            Err(refusal) => {
                info!(order.no = %order.order_no, "a close came too late: {refusal}");
                return Ok(order);
            }
        };
        let mut tx = Tx::new("close_confirmed");
        let closed = orders::record(&mut tx, &order, &next, now);
        jobs::remove(&mut tx, &order.mch_id, kind::POLL, order.order_no.as_str());
        jobs::remove(&mut tx, &order.mch_id, kind::CLOSE, order.order_no.as_str());
        match app.commit(tx).await {
            Ok(()) => {
                info!(order.no = %order.order_no, "order is closed");
                super::entered(next.name());
                return Ok(closed);
            }
            Err(StoreError::GuardMissed { .. }) => {
                let read = orders::get(&app.store, &order.mch_id, &order.order_no).await?;
                order = read.ok_or(FlowError::OrderNotFound(order.order_no))?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(FlowError::OrderBusy(order.order_no))
}
