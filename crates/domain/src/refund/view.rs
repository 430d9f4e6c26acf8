//! A refund as others may see it.

use fen::Fen;
use serde::Serialize;

use super::{ReceivedAccount, Refund, RefundState};
use crate::{Millis, OrderNo, RefundId, RefundNo};

/// The public fields of a [`Refund`], the same in answers and in events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefundView {
    /// Its number, `out_refund_no` at WeChat.
    pub refund_no: RefundNo,
    /// The order whose money it is.
    pub order_no: OrderNo,
    /// How much goes back, in fen.
    pub amount_fen: Fen,
    /// See [`RefundState::name`].
    pub state: &'static str,
    /// Why, as the buyer reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// WeChat's number of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<RefundId>,
    /// When it was asked for.
    pub created_at: Millis,
    /// When it arrived, by WeChat's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub succeeded_at: Option<Millis>,
    /// Where it arrived, in WeChat's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_account: Option<ReceivedAccount>,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Millis>,
    /// With which code WeChat refused to begin, when it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_reason: Option<String>,
    /// Rises by one at every change of state; of two views the higher one is newer.
    pub version: i64,
}

impl From<&Refund> for RefundView {
    fn from(refund: &Refund) -> Self {
        let (mut succeeded_at, mut received_account) = (None, None);
        let (mut closed_at, mut closed_reason) = (None, None);
        match &refund.state {
            RefundState::Succeeded {
                succeeded_at: at,
                received_account: account,
                ..
            } => {
                succeeded_at = Some(*at);
                received_account.clone_from(account);
            }
            RefundState::Closed {
                closed_at: at,
                reason,
                ..
            } => {
                closed_at = Some(*at);
                closed_reason.clone_from(reason);
            }
            RefundState::Requested
            | RefundState::Processing { .. }
            | RefundState::Abnormal { .. } => {}
        }
        Self {
            refund_no: refund.refund_no.clone(),
            order_no: refund.order_no.clone(),
            amount_fen: refund.amount,
            state: refund.state.name(),
            reason: refund.reason.clone(),
            refund_id: refund.state.refund_id().cloned(),
            created_at: refund.created_at,
            succeeded_at,
            received_account,
            closed_at,
            closed_reason,
            version: refund.version,
        }
    }
}
