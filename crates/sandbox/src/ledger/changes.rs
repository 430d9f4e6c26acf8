//! What the books note down for those who want to know what changed.

use std::collections::VecDeque;

use fen::Fen;
use jiff::Timestamp;

use super::OrderKey;
use super::refund::RefundStatus;

/// Whoever asks, asks after every call; more than these wait only when nobody does.
const MAX_CHANGES: usize = 1000;

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Became {
    /// Booked, unpaid.
    NotPay {
        /// What is to be paid.
        amount: Fen,
    },
    /// Paid.
    Success {
        /// WeChat's number of the payment.
        transaction_id: String,
    },
    /// Closed by a call.
    ClosedByMerchant,
    /// Closed by itself.
    ClosedByAge,
    /// Paid, and a refund of it was accepted or has changed.
    Refund(RefundChange),
}

/// What became of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefundChange {
    /// The merchant's number of the refund.
    pub out_refund_no: String,
    /// What goes back.
    pub amount: Fen,
    /// What can still be refunded of the order.
    pub left: Fen,
    /// Where the refund stands.
    pub status: RefundStatus,
    /// Whether it is under way for the second time.
    pub again: bool,
}

impl RefundChange {
    /// Whether this is its beginning, which makes the order `REFUND`.
    pub(crate) fn is_acceptance(&self) -> bool {
        self.status == RefundStatus::Processing && !self.again
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Of which order.
    pub key: OrderKey,
    /// Virtual time.
    pub at: Timestamp,
    /// What it is now.
    pub became: Became,
}

/// Changes that nobody has asked for yet, oldest first.
#[derive(Debug, Default)]
pub(super) struct Changes(VecDeque<Change>);

impl Changes {
    pub(super) fn note(&mut self, key: &OrderKey, at: Timestamp, became: Became) {
        if self.0.len() >= MAX_CHANGES {
            self.0.pop_front();
        }
        let key = key.clone();
        self.0.push_back(Change { key, at, became });
    }

    pub(super) fn take(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.0).into()
    }
}
