//! Asking WeChat now. The phone's "ok" is a hint; this is the proof.
//!
//! 1. query, with no transaction open;
//! 2. what it says is settled or closed by the same flows as everything else.
//!
//! | crash | what is left |
//! |---|---|
//! | after the query | nothing: the next query says the same |

use domain::{Order, PaymentFact};
use wechatpay::{ApiCode, Operation};

use super::{
    FlowError,
    close_order::confirm_closed,
    read_orders,
    settle_payment::{Evidence, Settled, settle_payment},
};
use crate::{
    app::App,
    gateway::{self, Reading},
    merchant::Merchant,
};

/// What WeChat says about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtWechat {
    /// Paid or closed: nothing more will happen to it.
    Final,
    /// It exists and may still be paid.
    Payable,
    /// WeChat has no such order: the prepay has not arrived.
    Unknown,
}

/// The order as WeChat's answer leaves it.
///
/// # Errors
/// `GatewayUnavailable` when WeChat gave no certain answer: nothing is known, nothing was changed.
pub async fn refresh_order(
    app: &App,
    merchant: &Merchant,
    order: Order,
) -> Result<Order, FlowError> {
    // A closed order is asked about too: money on it must not stay unseen.
    if order.state.payment().is_some() {
        return Ok(order);
    }
    Ok(observe(app, merchant, order).await?.0)
}

/// Queries and books what the query says.
pub(crate) async fn observe(
    app: &App,
    merchant: &Merchant,
    order: Order,
) -> Result<(Order, AtWechat), FlowError> {
    let out_trade_no = gateway::out_trade_no(&order.order_no)?;
    let query = merchant.client.query_by_out_trade_no(&out_trade_no);
    let transaction = match merchant.call(Operation::Query, query).await {
        Ok(transaction) => transaction,
        Err(error) if matches!(error.code(), Some(ApiCode::OrderNotExist)) => {
            return Ok((order, AtWechat::Unknown));
        }
        Err(error) => return Err(FlowError::from_gateway(error)),
    };
    if transaction.out_trade_no != out_trade_no {
        let text = "WeChat answered a query about one order with another order";
        return Err(FlowError::Internal(anyhow::anyhow!(text)));
    }
    match gateway::read(&transaction)? {
        Reading::Paid(fact) => {
            let order = settled(app, merchant, order, &fact).await?;
            Ok((order, AtWechat::Final))
        }
        Reading::Closed => Ok((confirm_closed(app, order).await?, AtWechat::Final)),
        Reading::Unpaid => Ok((order, AtWechat::Payable)),
    }
}

async fn settled(
    app: &App,
    merchant: &Merchant,
    order: Order,
    fact: &PaymentFact,
) -> Result<Order, FlowError> {
    match settle_payment(app, &merchant.mch_id, fact, Evidence::Query).await? {
        Settled::Now(order) | Settled::Before(order) => Ok(order),
        Settled::Exception(_) | Settled::UnknownOrder => {
            read_orders::of_merchant(app, merchant, &order.order_no).await
        }
    }
}
