//! An order and the one door through which its state changes.

mod apply;

use fen::Fen;
use serde::{Deserialize, Serialize};

use crate::{AppId, ExceptionKind, MchId, Millis, OpenId, OrderNo, PrepayId, TransactionId};

/// What somebody wants to pay, and how far that has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The merchant who is paid.
    pub mch_id: MchId,
    /// Our number, `out_trade_no` at WeChat.
    pub order_no: OrderNo,
    /// The mini program in which it is paid.
    pub app_id: AppId,
    /// Who pays; WeChat lets nobody else pay it.
    pub openid: OpenId,
    /// How much.
    pub amount: Fen,
    /// What the buyer reads on the bill.
    pub description: String,
    /// Where WeChat announces the payment. Kept, because a repeated prepay must repeat it.
    pub notify_url: String,
    /// The merchant's own words about the order; never shown to the buyer.
    pub metadata: Option<String>,
    /// When it was placed.
    pub created_at: Millis,
    /// The last moment at which it may be paid. Kept, because a repeated prepay must repeat it.
    pub expires_at: Millis,
    /// How far it has come.
    pub state: OrderState,
    /// 1 when it is placed, one more at every change of state, without gaps.
    pub version: i64,
}

impl Order {
    /// The version of an order that was just placed.
    pub const FIRST_VERSION: i64 = 1;

    /// How much of the payment went back to the buyer.
    pub fn refunded(&self) -> Fen {
        match &self.state {
            OrderState::Created | OrderState::AwaitingPayment { .. } => Fen::ZERO,
            OrderState::Paid { .. } | OrderState::Closed { .. } => Fen::ZERO,
            OrderState::PartiallyRefunded { refunded, .. } => *refunded,
            OrderState::Refunded { .. } => self.amount,
        }
    }

    /// What the order becomes by `event`. Pure: it decides, and `store::orders::record` writes.
    ///
    /// # Errors
    /// [`Refusal`] when the event contradicts what the order records. Repeating cannot help.
    pub fn apply(&self, event: OrderEvent) -> Result<Transition, Refusal> {
        apply::apply(&self.state, self.amount, event)
    }

    /// This order after it moved to `next`: the state is replaced and the version rises by one.
    #[must_use]
    pub fn moved_to(&self, next: OrderState) -> Self {
        Self {
            state: next,
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }
}

/// How far an order has come, with the facts known by then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum OrderState {
    /// We know it; WeChat may not.
    Created,
    /// WeChat gave out a permission to pay.
    AwaitingPayment {
        /// The newest permission.
        prepay: Prepay,
    },
    /// WeChat confirmed the money.
    Paid {
        /// The payment.
        payment: Payment,
    },
    /// Some of the money went back.
    PartiallyRefunded {
        /// The payment.
        payment: Payment,
        /// How much went back so far: more than nothing, less than all.
        refunded: Fen,
    },
    /// All of the money went back.
    Refunded {
        /// The payment.
        payment: Payment,
    },
    /// WeChat confirmed that it can no longer be paid.
    Closed {
        /// When we learned it.
        #[serde(with = "crate::millis::as_number")]
        closed_at: Millis,
    },
}

impl OrderState {
    /// Every [`OrderState::name`], in the order of a life.
    pub const NAMES: [&'static str; 6] = [
        "created",
        "awaiting_payment",
        "paid",
        "partially_refunded",
        "refunded",
        "closed",
    ];

    /// The word for it in the API, in the database and in events.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::AwaitingPayment { .. } => "awaiting_payment",
            Self::Paid { .. } => "paid",
            Self::PartiallyRefunded { .. } => "partially_refunded",
            Self::Refunded { .. } => "refunded",
            Self::Closed { .. } => "closed",
        }
    }

    /// The payment, once there is one.
    pub const fn payment(&self) -> Option<&Payment> {
        match self {
            Self::Paid { payment }
            | Self::PartiallyRefunded { payment, .. }
            | Self::Refunded { payment } => Some(payment),
            Self::Created | Self::AwaitingPayment { .. } | Self::Closed { .. } => None,
        }
    }

    /// Whether the buyer may still pay.
    pub const fn is_payable(&self) -> bool {
        match self {
            Self::Created | Self::AwaitingPayment { .. } => true,
            Self::Paid { .. }
            | Self::PartiallyRefunded { .. }
            | Self::Refunded { .. }
            | Self::Closed { .. } => false,
        }
    }
}

/// WeChat's permission to pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepay {
    /// What `wx.requestPayment` wants as `package`.
    pub prepay_id: PrepayId,
    /// When we got it; it lives two hours.
    #[serde(with = "crate::millis::as_number")]
    pub issued_at: Millis,
}

/// A payment that WeChat confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// WeChat's number for it.
    pub transaction_id: TransactionId,
    /// When the buyer paid, by WeChat's clock.
    #[serde(with = "crate::millis::as_number")]
    pub paid_at: Millis,
}

/// What WeChat told us about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderEvent {
    /// A prepay was answered.
    PrepayIssued(Prepay),
    /// A payment was confirmed and passed [`Order::check`].
    PaymentConfirmed(Payment),
    /// WeChat confirmed that the order is closed.
    CloseConfirmed {
        /// When we learned it.
        at: Millis,
    },
    /// A refund went through.
    RefundSucceeded {
        /// All that went back so far, this refund among it. A sum, not a difference, so that a
        /// repeat and an overtaken message are recognised.
        refunded_total: Fen,
    },
}

/// What an event does to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// The state is new: write it, and announce it.
    Advanced(OrderState),
    /// The event repeats what the order already records: nothing to write, nothing to announce.
    AlreadyApplied,
}

/// An event that contradicts what the order records.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Money we owe back: a second payment on one order.
    #[error("payment {paid_again} came for an order that payment {recorded} had paid: refund it")]
    PaidTwice {
        /// The payment the order records.
        recorded: TransactionId,
        /// The other one.
        paid_again: TransactionId,
    },
    /// Money we owe back: a payment on an order that was closed.
    #[error("payment {transaction_id} came for an order that is closed: refund it")]
    PaidAfterClose {
        /// The payment.
        transaction_id: TransactionId,
    },
    /// Only unpaid orders can be closed; this one has to be refunded instead.
    #[error("the order is {state} and cannot be closed: refund it instead")]
    CloseAfterPaid {
        /// The name of its state.
        state: &'static str,
    },
    /// Nobody can pay it any more.
    #[error("the order is {state} and cannot be paid: place a new one")]
    NotPayable {
        /// The name of its state.
        state: &'static str,
    },
    /// More went back than was paid.
    #[error("{refunded_total} yuan went back of {paid} yuan paid: look at the refunds")]
    RefundExceedsPayment {
        /// What was paid.
        paid: Fen,
        /// What went back in all.
        refunded_total: Fen,
    },
    /// A refund for an order that records no payment.
    #[error("a refund came for an order that is {state}: query the order first")]
    RefundBeforePayment {
        /// The name of its state.
        state: &'static str,
    },
}

impl Refusal {
    /// What a person must look at, if anything: money that is where it should not be. The rest
    /// are answers to somebody who asked too late.
    pub const fn exception(&self) -> Option<ExceptionKind> {
        match self {
            Self::PaidTwice { .. } => Some(ExceptionKind::PaidTwice),
            Self::PaidAfterClose { .. } => Some(ExceptionKind::PaidAfterClose),
            Self::RefundExceedsPayment { .. } => Some(ExceptionKind::RefundExceedsPayment),
            Self::CloseAfterPaid { .. }
            | Self::NotPayable { .. }
            | Self::RefundBeforePayment { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;
