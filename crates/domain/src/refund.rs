//! A refund and the one door through which its state changes.

mod apply;
mod fact;
mod number;
mod view;
mod wait;

use std::fmt;

use fen::Fen;
use serde::{Deserialize, Serialize};

use crate::{ExceptionKind, MchId, Millis, OrderNo, RefundId, RefundNo, TransactionId};

pub use fact::{RefundFact, RefundMismatch, RefundStatus};
pub use number::{of_late_payment, of_request};
pub use view::RefundView;
pub use wait::{next_look, retry_submit, retry_without_funds};

/// Parts that WeChat lets one payment be paid back in. Source:
/// pay.weixin.qq.com/doc/v3/merchant/4013071036
pub const REFUNDS_PER_ORDER_MAX: i64 = 50;

/// How long after a payment it can be paid back: one year. Source:
/// pay.weixin.qq.com/doc/v3/merchant/4013071036
pub const REFUND_WINDOW: std::time::Duration = std::time::Duration::from_secs(365 * 86_400);

/// Money on its way back, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The merchant who pays back.
    pub mch_id: MchId,
    /// Its number, `out_refund_no` at WeChat: chosen before the first call, the same for ever.
    pub refund_no: RefundNo,
    /// The order whose money it is.
    pub order_no: OrderNo,
    /// The payment whose money it is. An order that was paid twice has two.
    pub transaction_id: TransactionId,
    /// How much goes back.
    pub amount: Fen,
    /// How much the payment was.
    pub total: Fen,
    /// Why, as the buyer reads it.
    pub reason: Option<String>,
    /// Where WeChat announces the end of it; kept, because a repeated request must repeat it.
    pub notify_url: Option<String>,
    /// Who asked for it.
    pub origin: RefundOrigin,
    /// When it was asked for here, or first heard of.
    pub created_at: Millis,
    /// How far it has come.
    pub state: RefundState,
    /// 1 at first, one more at every change of state, without gaps.
    pub version: i64,
}

/// Who asked for a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundOrigin {
    /// The merchant's systems, through our API.
    Request,
    /// Somebody in WeChat's own console; we heard of it afterwards.
    External,
    /// Nobody: the payment came for an order that was closed, or paid before.
    LatePayment,
}

impl RefundOrigin {
    /// The word for it in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::External => "external",
            Self::LatePayment => "late_payment",
        }
    }

    /// The origin of this [`RefundOrigin::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Request, Self::External, Self::LatePayment]
            .into_iter()
            .find(|origin| origin.name() == name)
    }
}

/// How far a refund has come, with the facts known by then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RefundState {
    /// We want it; WeChat may not know.
    Requested,
    /// WeChat accepted it.
    Processing {
        /// WeChat's number of it.
        refund_id: RefundId,
    },
    /// The buyer has the money. Final.
    Succeeded {
        /// WeChat's number of it.
        refund_id: RefundId,
        /// When it arrived, by WeChat's clock.
        #[serde(with = "crate::millis::as_number")]
        succeeded_at: Millis,
        /// Where it arrived, in WeChat's words.
        received_account: Option<ReceivedAccount>,
    },
    /// It will not happen; the amount can be refunded anew. Final when WeChat closed it. One that
    /// WeChat refused to begin turns when a call that was still on its way is accepted after all.
    Closed {
        /// WeChat's number of it; none when WeChat refused to begin.
        refund_id: Option<RefundId>,
        /// When we learned it.
        #[serde(with = "crate::millis::as_number")]
        closed_at: Millis,
        /// Why WeChat refused to begin, when it did.
        reason: Option<String>,
    },
    /// The money finds no way to the buyer: somebody has to name another.
    Abnormal {
        /// WeChat's number of it.
        refund_id: RefundId,
        /// When we learned it.
        #[serde(with = "crate::millis::as_number")]
        since: Millis,
    },
}

/// The account that received a refund, in WeChat's words. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReceivedAccount(pub String);

impl fmt::Debug for ReceivedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceivedAccount(redacted)")
    }
}

impl RefundState {
    /// Every [`RefundState::name`], in the order of a life.
    pub const NAMES: [&'static str; 5] =
        ["requested", "processing", "succeeded", "closed", "abnormal"];

    /// The word for it in the API, in the database and in events.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Processing { .. } => "processing",
            Self::Succeeded { .. } => "succeeded",
            Self::Closed { .. } => "closed",
            Self::Abnormal { .. } => "abnormal",
        }
    }

    /// Whether WeChat refused to begin it.
    pub const fn is_refused(&self) -> bool {
        matches!(
            self,
            Self::Closed {
                refund_id: None,
                ..
            }
        )
    }

    /// WeChat's number of it, once it is known.
    pub const fn refund_id(&self) -> Option<&RefundId> {
        match self {
            Self::Requested => None,
            Self::Processing { refund_id }
            | Self::Succeeded { refund_id, .. }
            | Self::Abnormal { refund_id, .. } => Some(refund_id),
            Self::Closed { refund_id, .. } => refund_id.as_ref(),
        }
    }
}

/// What WeChat told us about a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundEvent {
    /// It was accepted and is on its way.
    Accepted {
        /// WeChat's number of it.
        refund_id: RefundId,
    },
    /// It arrived.
    Succeeded {
        /// WeChat's number of it.
        refund_id: RefundId,
        /// When, by WeChat's clock.
        at: Millis,
        /// Where.
        received_account: Option<ReceivedAccount>,
    },
    /// WeChat gave it up.
    Closed {
        /// WeChat's number of it.
        refund_id: RefundId,
        /// When we learned it.
        at: Millis,
    },
    /// It finds no way to the buyer.
    Stuck {
        /// WeChat's number of it.
        refund_id: RefundId,
        /// When we learned it.
        at: Millis,
    },
    /// WeChat refused to begin, for certain, and knows no refund of this number.
    Refused {
        /// When we learned it.
        at: Millis,
        /// WeChat's code.
        reason: String,
    },
}

/// What an event does to a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundTransition {
    /// The state is new: write it, and announce it.
    Advanced(RefundState),
    /// The event repeats what is recorded, or was overtaken: nothing to write.
    AlreadyApplied,
}

/// An event that contradicts what a refund records.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefusal {
    /// Money went back although WeChat had said that it would not.
    #[error("WeChat had closed the refund and now says that it arrived: its amount was given free")]
    SuccessAfterClose,
    /// WeChat took back what it confirmed.
    #[error("the refund had arrived and WeChat now says that it is closed")]
    ClosedAfterSuccess,
    /// A refusal of a refund that WeChat had accepted.
    #[error("the refund is {state} and was refused later: what was accepted stands")]
    RefusedAfterAcceptance {
        /// The name of its state.
        state: &'static str,
    },
}

impl RefundRefusal {
    /// What a person must look at, if anything.
    pub const fn exception(&self) -> Option<ExceptionKind> {
        match self {
            Self::SuccessAfterClose | Self::ClosedAfterSuccess => {
                Some(ExceptionKind::RefundContradicted)
            }
            Self::RefusedAfterAcceptance { .. } => None,
        }
    }
}

impl Refund {
    /// The version of a refund that was just asked for.
    pub const FIRST_VERSION: i64 = 1;

    /// What the refund becomes by `event`. Pure: it decides, and `store::refunds::record` writes.
    ///
    /// # Errors
    /// [`RefundRefusal`] when the event contradicts what the refund records.
    pub fn apply(&self, event: RefundEvent) -> Result<RefundTransition, RefundRefusal> {
        apply::apply(&self.state, event)
    }

    /// This refund after it moved to `next`: the state is replaced and the version rises by one.
    #[must_use]
    pub fn moved_to(&self, next: RefundState) -> Self {
        Self {
            state: next,
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests;
