//! An order as others may see it.

use fen::Fen;
use serde::Serialize;

use crate::{Millis, Order, OrderNo, OrderState, TransactionId};

/// The public fields of an [`Order`], the same in answers and in events: no payer, no `notify_url`,
/// no permission to pay, and not the merchant's metadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderView {
    /// Our number, `out_trade_no` at WeChat.
    pub order_no: OrderNo,
    /// See [`OrderState::name`].
    pub state: &'static str,
    /// What it costs, in fen.
    pub amount_fen: Fen,
    /// What went back, in fen.
    pub refunded_fen: Fen,
    /// Always `CNY`.
    pub currency: &'static str,
    /// What the buyer reads on the bill.
    pub description: String,
    /// When it was placed.
    pub created_at: Millis,
    /// The last moment at which it may be paid.
    pub expires_at: Millis,
    /// When it was paid, by WeChat's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Millis>,
    /// WeChat's number of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<TransactionId>,
    /// When the close was confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Millis>,
    /// Rises by one at every change of state; of two views the higher one is newer.
    pub version: i64,
}

impl From<&Order> for OrderView {
    fn from(order: &Order) -> Self {
        let payment = order.state.payment();
        let closed_at = match &order.state {
            OrderState::Closed { closed_at } => Some(*closed_at),
            OrderState::Created
            | OrderState::AwaitingPayment { .. }
            | OrderState::Paid { .. }
            | OrderState::PartiallyRefunded { .. }
            | OrderState::Refunded { .. } => None,
        };
        Self {
            order_no: order.order_no.clone(),
            state: order.state.name(),
            amount_fen: order.amount,
            refunded_fen: order.refunded(),
            currency: "CNY",
            description: order.description.clone(),
            created_at: order.created_at,
            expires_at: order.expires_at,
            paid_at: payment.map(|payment| payment.paid_at),
            transaction_id: payment.map(|payment| payment.transaction_id.clone()),
            closed_at,
            version: order.version,
        }
    }
}
