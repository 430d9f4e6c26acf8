//! The refund machine: every state with every event, each pair written out.

use super::{
    ReceivedAccount, RefundEvent as E, RefundRefusal as R, RefundState as S, RefundTransition as T,
};
use crate::{Millis, RefundId};

pub(super) fn apply(state: &S, event: E) -> Result<T, R> {
    match (state, event) {
        (S::Requested, E::Accepted { refund_id }) => advanced(S::Processing { refund_id }),
        (
            S::Requested,
            E::Succeeded {
                refund_id,
                at,
                received_account,
            },
        ) => advanced(arrived(refund_id, at, received_account)),
        (S::Requested, E::Closed { refund_id, at }) => advanced(closed(refund_id, at)),
        (S::Requested, E::Stuck { refund_id, at }) => advanced(stuck(refund_id, at)),
        (S::Requested, E::Refused { at, reason }) => advanced(S::Closed {
            refund_id: None,
            closed_at: at,
            reason: Some(reason),
        }),

        (S::Processing { .. }, E::Accepted { .. }) => Ok(T::AlreadyApplied),
        (
            S::Processing { .. },
            E::Succeeded {
                refund_id,
                at,
                received_account,
            },
        ) => advanced(arrived(refund_id, at, received_account)),
        (S::Processing { .. }, E::Closed { refund_id, at }) => advanced(closed(refund_id, at)),
        (S::Processing { .. }, E::Stuck { refund_id, at }) => advanced(stuck(refund_id, at)),
        (S::Processing { .. }, E::Refused { .. }) => refused_later(state),

        // Overtaken: what is on its way, or stuck, comes before what arrived.
        (S::Succeeded { .. }, E::Accepted { .. } | E::Stuck { .. }) => Ok(T::AlreadyApplied),
        (S::Succeeded { .. }, E::Succeeded { .. }) => Ok(T::AlreadyApplied),
        (S::Succeeded { .. }, E::Closed { .. }) => Err(R::ClosedAfterSuccess),
        (S::Succeeded { .. }, E::Refused { .. }) => refused_later(state),

        (S::Closed { refund_id, .. }, E::Accepted { .. }) => {
            overtaken(refund_id.is_some(), "PROCESSING")
        }
        // Never absorbed: the amount was given free and may have gone back a second time.
        (S::Closed { .. }, E::Succeeded { .. }) => Err(R::AliveAfterClose { now: "SUCCESS" }),
        (S::Closed { .. }, E::Closed { .. } | E::Refused { .. }) => Ok(T::AlreadyApplied),
        (S::Closed { refund_id, .. }, E::Stuck { .. }) => {
            overtaken(refund_id.is_some(), "ABNORMAL")
        }

        // Somebody named another way.
        (S::Abnormal { .. }, E::Accepted { refund_id }) => advanced(S::Processing { refund_id }),
        (
            S::Abnormal { .. },
            E::Succeeded {
                refund_id,
                at,
                received_account,
            },
        ) => advanced(arrived(refund_id, at, received_account)),
        (S::Abnormal { .. }, E::Closed { refund_id, at }) => advanced(closed(refund_id, at)),
        (S::Abnormal { .. }, E::Stuck { .. }) => Ok(T::AlreadyApplied),
        (S::Abnormal { .. }, E::Refused { .. }) => refused_later(state),
    }
}

fn advanced(next: S) -> Result<T, R> {
    Ok(T::Advanced(next))
}

const fn arrived(refund_id: RefundId, at: Millis, received_account: Option<ReceivedAccount>) -> S {
    S::Succeeded {
        refund_id,
        succeeded_at: at,
        received_account,
    }
}

const fn closed(refund_id: RefundId, at: Millis) -> S {
    S::Closed {
        refund_id: Some(refund_id),
        closed_at: at,
        reason: None,
    }
}

const fn stuck(refund_id: RefundId, at: Millis) -> S {
    S::Abnormal {
        refund_id,
        since: at,
    }
}

/// A refund that WeChat closed was on its way before, so such a message is old. One that WeChat
/// refused to begin never was: then the refusal was wrong, and money may be moving.
const fn overtaken(accepted_once: bool, now: &'static str) -> Result<T, R> {
    if accepted_once {
        Ok(T::AlreadyApplied)
    } else {
        Err(R::AliveAfterClose { now })
    }
}

const fn refused_later(state: &S) -> Result<T, R> {
    Err(R::RefusedAfterAcceptance {
        state: state.name(),
    })
}
