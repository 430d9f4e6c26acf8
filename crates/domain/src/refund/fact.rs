//! A refund as WeChat reports it, held against the refund it claims to be.

use fen::Fen;

use super::{ReceivedAccount, Refund, RefundEvent};
use crate::{MchId, Millis, OrderNo, RefundId, RefundNo, TransactionId};

/// A refund in our words, whether it came as an answer, by query or by notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundFact {
    /// Who pays back.
    pub mch_id: MchId,
    /// Our number of it.
    pub refund_no: RefundNo,
    /// WeChat's number of it.
    pub refund_id: RefundId,
    /// The order whose money it is.
    pub order_no: OrderNo,
    /// The payment whose money it is.
    pub transaction_id: TransactionId,
    /// How much goes back.
    pub amount: Fen,
    /// How much the payment was.
    pub total: Fen,
    /// Where it stands.
    pub status: RefundStatus,
}

/// Where a refund stands at WeChat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// On its way.
    Processing,
    /// Arrived.
    Succeeded {
        /// When, by WeChat's clock.
        at: Millis,
        /// Where.
        received_account: Option<ReceivedAccount>,
    },
    /// Given up.
    Closed,
    /// Stuck.
    Abnormal,
}

impl RefundFact {
    /// The event for [`Refund::apply`], heard of at `now`. Call [`Refund::check`] first.
    pub fn event(&self, now: Millis) -> RefundEvent {
        let refund_id = self.refund_id.clone();
        match &self.status {
            RefundStatus::Processing => RefundEvent::Accepted { refund_id },
            RefundStatus::Succeeded {
                at,
                received_account,
            } => RefundEvent::Succeeded {
                refund_id,
                at: *at,
                received_account: received_account.clone(),
            },
            RefundStatus::Closed => RefundEvent::Closed { refund_id, at: now },
            RefundStatus::Abnormal => RefundEvent::Stuck { refund_id, at: now },
        }
    }
}

/// The part in which a report differs from the refund it names. It is stored for a person and never
/// booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("WeChat reports another {0} for this refund than was asked for")]
pub struct RefundMismatch(pub &'static str);

impl Refund {
    /// Whether the report is about this refund: same numbers, same payment, same amount.
    ///
    /// # Errors
    /// The first [`RefundMismatch`] found.
    pub fn check(&self, fact: &RefundFact) -> Result<(), RefundMismatch> {
        let parts = [
            (fact.mch_id == self.mch_id, "merchant"),
            (fact.refund_no == self.refund_no, "refund_no"),
            (fact.order_no == self.order_no, "order_no"),
            (fact.transaction_id == self.transaction_id, "transaction_id"),
            (fact.amount == self.amount, "amount"),
            (fact.total == self.total, "total"),
            (
                self.state
                    .refund_id()
                    .is_none_or(|id| *id == fact.refund_id),
                "refund_id",
            ),
        ];
        match parts.into_iter().find(|(same, _)| !same) {
            Some((_, part)) => Err(RefundMismatch(part)),
            None => Ok(()),
        }
    }
}
