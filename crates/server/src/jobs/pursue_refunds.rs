//! Brings refunds to WeChat and to their end, so that a call that was lost, a notification that
//! never came, and an account without money cost time and nothing else.
//!
//! WeChat is asked about a refund before it is sent again: only what it does not know is repeated,
//! under the same number.

use domain::{Refund, RefundNo, RefundState, refund};
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
        let mut without_funds = false;
        if !refund.state.is_final()
            && let Err(error) = pursue(app, merchant, refund.clone()).await
        {
            without_funds = lacks_funds(&error);
            let error = anyhow::Error::from(error);
            warn!(refund.no = %refund_no, "a refund is pursued again later: {error:#}");
        }
        let refund = refunds::get(&app.store, mch_id, &refund_no)
            .await?
            .unwrap_or(refund);
        let now = app.clock.now();
        let stepped = if refund.state.is_final() {
            jobs::finish(&mut tx, job);
            Stepped::Done
        } else {
            let due = match refund.state {
                RefundState::Requested if without_funds => {
                    refund::retry_without_funds(job.attempts, now)
                }
                RefundState::Requested => refund::retry_submit(job.attempts, now),
                RefundState::Processing { .. }
                | RefundState::Abnormal { .. }
                | RefundState::Succeeded { .. }
                | RefundState::Closed { .. } => refund::next_query(refund.created_at, now),
            };
            jobs::reschedule(&mut tx, job, due);
            Stepped::Again
        };
        app.commit(tx).await?;
        Ok(stepped)
    }
}

async fn pursue(app: &App, merchant: &Merchant, refund: Refund) -> Result<(), FlowError> {
    let (refund, at_wechat) = observe_refund(app, merchant, refund).await?;
    match (at_wechat, &refund.state) {
        (AtWechat::Unknown, RefundState::Requested) => {
            submit(app, merchant, refund).await.map(drop)
        }
        (AtWechat::Unknown, _) => {
            warn!(refund.no = %refund.refund_no, "WeChat no longer knows a refund it once took");
            Ok(())
        }
        (AtWechat::Known, _) => Ok(()),
    }
}

fn lacks_funds(error: &FlowError) -> bool {
    matches!(
        error,
        FlowError::GatewayUnavailable(cause) if matches!(cause.code(), Some(ApiCode::NotEnough))
    )
}
