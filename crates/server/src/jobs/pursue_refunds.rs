//! Brings refunds to WeChat and to their end, so that a call that was lost, a notification that
//! never came, and an account without money cost time and nothing else.
//!
//! WeChat is asked about a refund before it is sent again: only what it does not know is repeated,
//! under the same number. About one that it refused it is asked once more, when no earlier call can
//! be on its way any longer.

use domain::{Millis, Refund, RefundNo, RefundState, refund};
use store::{Tx, jobs, refunds};
use tracing::warn;
use wechatpay::ApiCode;

use super::{
    each_due::{Step, Stepped},
    kind,
};
use crate::{
    app::App,
    flows::{
        FlowError,
        submit_refund::{AtWechat, observe_refund, submit},
    },
    merchant::Merchant,
};

pub(super) struct PursueRefunds;

impl Step for PursueRefunds {
    const NAME: &'static str = "pursue_refunds";
    const KIND: &'static str = kind::REFUND;

    async fn step(app: &App, merchant: &Merchant, job: &jobs::Job) -> Result<Stepped, FlowError> {
        let refund_no = RefundNo::new(job.subject.as_str()).map_err(anyhow::Error::from)?;
        let mch_id = &merchant.mch_id;
        let mut tx = Tx::new("refund_step");
        let Some(refund) = refunds::get(&app.store, mch_id, &refund_no).await? else {
            jobs::finish(&mut tx, job);
            app.commit(tx).await?;
            return Ok(Stepped::Done);
        };
        let pursued = pursue_if_due(app, merchant, &refund).await;
        let refund = refunds::get(&app.store, mch_id, &refund_no)
            .await?
            .unwrap_or(refund);
        let stepped = match due_next(&refund, &pursued, job.attempts, app.clock.now()) {
            Some(due) => {
                jobs::reschedule(&mut tx, job, due);
                Stepped::Again
            }
            None => {
                jobs::finish(&mut tx, job);
                Stepped::Done
            }
        };
        app.commit(tx).await?;
        Ok(stepped)
    }
}

/// What a step learned.
enum Pursued {
    /// It is too early, or too late, to ask.
    NotAsked,
    /// WeChat was asked about a refund that it had refused.
    AskedAfterRefusal,
    /// It was brought further, or there is nothing new.
    Asked,
    /// Nothing is certain.
    Failed { without_funds: bool },
}

async fn pursue_if_due(app: &App, merchant: &Merchant, refund: &Refund) -> Pursued {
    let now = app.clock.now();
    let refused = refund.state.is_refused();
    match refund::next_look(refund, now) {
        None => return Pursued::NotAsked,
        Some(look) if refused && now < look => return Pursued::NotAsked,
        Some(_) => {}
    }
    match pursue(app, merchant, refund.clone()).await {
        Ok(()) if refused => Pursued::AskedAfterRefusal,
        Ok(()) => Pursued::Asked,
        Err(error) => {
            let without_funds = lacks_funds(&error);
            let error = anyhow::Error::from(error);
            warn!(refund.no = %refund.refund_no, "a refund is pursued again later: {error:#}");
            Pursued::Failed { without_funds }
        }
    }
}

/// `None` when there is nothing left to do for it.
fn due_next(refund: &Refund, pursued: &Pursued, attempts: u32, now: Millis) -> Option<Millis> {
    let look = refund::next_look(refund, now)?;
    match (&refund.state, pursued) {
        (
            RefundState::Requested,
            Pursued::Failed {
                without_funds: true,
            },
        ) => Some(refund::retry_without_funds(attempts, now)),
        (RefundState::Requested, _) => Some(refund::retry_submit(attempts, now)),
        (RefundState::Closed { .. }, Pursued::AskedAfterRefusal) => None,
        (RefundState::Closed { .. }, Pursued::Failed { .. }) => {
            Some(look.max(refund::retry_submit(attempts, now)))
        }
        (
            RefundState::Closed { .. }
            | RefundState::Processing { .. }
            | RefundState::Abnormal { .. }
            | RefundState::Succeeded { .. },
            _,
        ) => Some(look),
    }
}

async fn pursue(app: &App, merchant: &Merchant, refund: Refund) -> Result<(), FlowError> {
    let (refund, at_wechat) = observe_refund(app, merchant, refund).await?;
    match (at_wechat, &refund.state) {
        (AtWechat::Unknown, RefundState::Requested) => {
            submit(app, merchant, refund).await.map(drop)
        }
        (AtWechat::Unknown, state) if !state.is_refused() => {
            warn!(refund.no = %refund.refund_no, "WeChat no longer knows a refund it once took");
            Ok(())
        }
        (AtWechat::Known | AtWechat::Unknown, _) => Ok(()),
    }
}

fn lacks_funds(error: &FlowError) -> bool {
    matches!(
        error,
        FlowError::GatewayUnavailable(cause) if matches!(cause.code(), Some(ApiCode::NotEnough))
    )
}
