//! The refund machine: every state with every event, each pair written out.

use super::{RefundEvent as E, RefundRefusal as R, RefundState as S, RefundTransition as T};

pub(super) fn apply(state: &S, event: E) -> Result<T, R> {
    match (state, event) {
        (S::Requested, event) => advanced(event),

        (S::Processing { .. }, E::Accepted { .. }) => Ok(T::AlreadyApplied),
        (
            S::Processing { .. },
            event @ (E::Succeeded { .. } | E::Closed { .. } | E::Stuck { .. }),
        ) => advanced(event),
        (S::Processing { .. }, E::Refused { .. }) => refused_later(state),

        // Overtaken: what is on its way, or stuck, comes before what arrived.
        (S::Succeeded { .. }, E::Accepted { .. } | E::Stuck { .. }) => Ok(T::AlreadyApplied),
        (S::Succeeded { .. }, E::Succeeded { .. }) => Ok(T::AlreadyApplied),
        (S::Succeeded { .. }, E::Closed { .. }) => Err(R::ClosedAfterSuccess),
        (S::Succeeded { .. }, E::Refused { .. }) => refused_later(state),

        // WeChat refused to begin, and has begun all the same: an earlier call was still on its
        // way. What it signs stands, and the amount is promised again.
        (
            S::Closed {
                refund_id: None, ..
            },
            event @ (E::Accepted { .. } | E::Succeeded { .. } | E::Stuck { .. }),
        ) => advanced(event),
        // Overtaken: what WeChat closed was on its way, or stuck, before.
        (S::Closed { .. }, E::Accepted { .. } | E::Stuck { .. }) => Ok(T::AlreadyApplied),
        // WeChat contradicts what it signed.
        (S::Closed { .. }, E::Succeeded { .. }) => Err(R::SuccessAfterClose),
        (S::Closed { .. }, E::Closed { .. } | E::Refused { .. }) => Ok(T::AlreadyApplied),

        // On its way again: somebody named another.
        (
            S::Abnormal { .. },
            event @ (E::Accepted { .. } | E::Succeeded { .. } | E::Closed { .. }),
        ) => advanced(event),
        (S::Abnormal { .. }, E::Stuck { .. }) => Ok(T::AlreadyApplied),
        (S::Abnormal { .. }, E::Refused { .. }) => refused_later(state),
    }
}

/// The state that says what the event said.
fn advanced(event: E) -> Result<T, R> {
    Ok(T::Advanced(match event {
        E::Accepted { refund_id } => S::Processing { refund_id },
        E::Succeeded {
            refund_id,
            at,
            received_account,
        } => S::Succeeded {
            refund_id,
            succeeded_at: at,
            received_account,
        },
        E::Closed { refund_id, at } => S::Closed {
            refund_id: Some(refund_id),
            closed_at: at,
            reason: None,
        },
        E::Stuck { refund_id, at } => S::Abnormal {
            refund_id,
            since: at,
        },
        E::Refused { at, reason } => S::Closed {
            refund_id: None,
            closed_at: at,
            reason: Some(reason),
        },
    }))
}

const fn refused_later(state: &S) -> Result<T, R> {
    Err(R::RefusedAfterAcceptance {
        state: state.name(),
    })
}
