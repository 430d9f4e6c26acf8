//! What the books say, for whoever compares them with somebody else's.

use fen::Fen;
use jiff::Timestamp;

use crate::ledger::{Order, Origin, Refund, RefundStatus, State};

/// An order as the platform knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderTruth {
    /// Whose.
    pub mchid: String,
    /// The merchant's number.
    pub out_trade_no: String,
    /// What is to be paid, or was.
    pub amount: Fen,
    /// Where it stands.
    pub state: OrderState,
    /// Refunds that were accepted, whatever became of them.
    pub refund_parts: u32,
    /// What went back or is on its way; a refund that closed does not count.
    pub refunded: Fen,
}

/// Where an order stands. One that was refunded is still paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// Nobody has paid.
    NotPay,
    /// The money was taken.
    Paid {
        /// WeChat's number of the payment.
        transaction_id: String,
        /// When.
        paid_at: Timestamp,
    },
    /// Closed by the merchant or by age.
    Closed,
}

/// A refund as the platform knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundTruth {
    /// Whose.
    pub mchid: String,
    /// The merchant's number.
    pub out_refund_no: String,
    /// WeChat's number.
    pub refund_id: String,
    /// Of which order.
    pub out_trade_no: String,
    /// What goes back.
    pub amount: Fen,
    /// Where it stands.
    pub status: RefundStatus,
    /// Who asked for it.
    pub origin: Origin,
}

impl From<&Order> for OrderTruth {
    fn from(order: &Order) -> Self {
        let state = match &order.state {
            State::NotPay => OrderState::NotPay,
            State::Success(payment) => OrderState::Paid {
                transaction_id: payment.transaction_id.clone(),
                paid_at: payment.paid_at,
            },
            State::Closed => OrderState::Closed,
        };
        Self {
            mchid: order.key.mchid.clone(),
            out_trade_no: order.key.out_trade_no.clone(),
            amount: order.amount,
            state,
            refund_parts: order.parts,
            refunded: order.refunded,
        }
    }
}

impl From<&Refund> for RefundTruth {
    fn from(refund: &Refund) -> Self {
        Self {
            mchid: refund.key.mchid.clone(),
            out_refund_no: refund.key.out_refund_no.clone(),
            refund_id: refund.refund_id.clone(),
            out_trade_no: refund.order.out_trade_no.clone(),
            amount: refund.amount,
            status: refund.status,
            origin: refund.origin,
        }
    }
}
