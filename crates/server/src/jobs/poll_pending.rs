//! Asks WeChat about unpaid orders on the schedule of `domain::poll`, so that a payment whose
//! notification is lost is found all the same. The notification is only faster; this is the
//! definition.

use domain::{OrderNo, poll};
use store::{Tx, jobs, orders};
use tracing::warn;

use super::{
    each_due::{Step, Stepped},
    kind,
};
use crate::{
    app::App,
    flows::{
        FlowError,
        refresh_order::{AtWechat, observe},
    },
    merchant::Merchant,
};

pub(super) struct PollPending;

impl Step for PollPending {
    const NAME: &'static str = "poll_pending";
    const KIND: &'static str = kind::POLL;

    async fn step(app: &App, merchant: &Merchant, job: &jobs::Job) -> Result<Stepped, FlowError> {
        let order_no = OrderNo::new(job.subject.as_str()).map_err(anyhow::Error::from)?;
        let Some(order) = orders::get(&app.store, &merchant.mch_id, &order_no).await? else {
            return forget(app, job).await;
        };
        if !order.state.is_payable() {
            return forget(app, job).await;
        }
        let (created_at, expires_at) = (order.created_at, order.expires_at);
        if app.clock.now() < expires_at {
            match observe(app, merchant, order).await {
                Ok((_, AtWechat::Final)) => return forget(app, job).await,
                Ok((_, AtWechat::Payable | AtWechat::Unknown)) => {}
                Err(error) => {
                    let error = anyhow::Error::from(error);
                    warn!(order.no = %order_no, "a poll got no answer and comes again: {error:#}");
                }
            }
        }
        let mut tx = Tx::new("poll_again");
        match poll::next(created_at, expires_at, app.clock.now()) {
            poll::Next::QueryAt(due) => jobs::reschedule(&mut tx, job, due),
            poll::Next::CloseAt(due) => {
                jobs::finish(&mut tx, job);
                jobs::put(&mut tx, &merchant.mch_id, kind::CLOSE, &job.subject, due);
            }
        }
        app.commit(tx).await?;
        // The closing job may find its new row at once instead of at its next look.
        app.wake.notify_waiters();
        Ok(Stepped::Again)
    }
}

/// The order needs no more asking. Settling removes the row too; this is for what settles nothing.
async fn forget(app: &App, job: &jobs::Job) -> Result<Stepped, FlowError> {
    let mut tx = Tx::new("poll_done");
    jobs::finish(&mut tx, job);
    app.commit(tx).await?;
    Ok(Stepped::Done)
}
