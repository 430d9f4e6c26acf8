//! Asks WeChat about unpaid orders on the schedule of `domain::poll`, so that a payment whose notification
//! is lost is found all the same. The notification is only faster; this job is the definition.

use std::{sync::Arc, time::Duration};

use domain::{OrderNo, poll};
use futures_util::{StreamExt, stream};
use store::{Tx, jobs, orders};
use tracing::warn;

use super::{Job, Tick, kind};
use crate::{
    app::App,
    flows::{
        FlowError,
        refresh_order::{AtWechat, observe},
    },
    merchant::Merchant,
};

pub(super) struct PollPending;

impl Job for PollPending {
    const NAME: &'static str = "poll_pending";

    fn every(&self, app: &App) -> Duration {
        app.settings.jobs.tick()
    }

    async fn tick(&self, app: &App) -> anyhow::Result<Tick> {
        let mut tick = Tick::Idle;
        for merchant in app.merchants.iter() {
            if claim_and_poll(app, merchant).await? == Tick::More {
                tick = Tick::More;
            }
        }
        Ok(tick)
    }
}

async fn claim_and_poll(app: &App, merchant: &Arc<Merchant>) -> anyhow::Result<Tick> {
    let settings = &app.settings.jobs;
    let now = app.clock.now();
    let mch_id = &merchant.mch_id;
    let due = jobs::claim(
        &app.store,
        mch_id,
        kind::POLL,
        now,
        settings.lease(),
        settings.batch,
    )
    .await?;
    let full = u32::try_from(due.len()).is_ok_and(|claimed| claimed >= settings.batch);
    let width = usize::try_from(settings.concurrency).unwrap_or(1);
    stream::iter(due)
        .for_each_concurrent(width, |job| async move {
            // One order's trouble is not another's: its lease runs out and it is asked about again.
            if let Err(error) = poll_one(app, merchant, &job).await {
                warn!(order.no = %job.subject, "could not poll order: {:#}", anyhow::Error::from(error));
            }
        })
        .await;
    Ok(if full { Tick::More } else { Tick::Idle })
}

async fn poll_one(app: &App, merchant: &Merchant, job: &jobs::Job) -> Result<(), FlowError> {
    let order_no = OrderNo::new(job.subject.as_str()).map_err(anyhow::Error::from)?;
    let Some(order) = orders::get(&app.store, &merchant.mch_id, &order_no).await? else {
        return drop_job(app, job).await;
    };
    if !order.state.is_payable() {
        return drop_job(app, job).await;
    }
    let (created_at, expires_at) = (order.created_at, order.expires_at);
    if app.clock.now() < expires_at {
        match observe(app, merchant, order).await {
            Ok((_, AtWechat::Final)) => return drop_job(app, job).await,
            Ok((_, AtWechat::Payable | AtWechat::Unknown)) => {}
            Err(error) => {
                warn!(order.no = %order_no, "WeChat gave no answer to a poll: {error}");
            }
        }
    }
    let now = app.clock.now();
    let mut tx = Tx::new("poll_again");
    match poll::next(created_at, expires_at, now) {
        poll::Next::QueryAt(due) => jobs::reschedule(&mut tx, job, due),
        poll::Next::CloseAt(due) => {
            jobs::finish(&mut tx, job);
            jobs::put(&mut tx, &merchant.mch_id, kind::CLOSE, &job.subject, due);
        }
    }
    app.commit(tx).await?;
    // The closing job may find its new row at once instead of at its next look.
    app.wake.notify_waiters();
    Ok(())
}

/// The order needs no more asking. Settling finishes the row too; this is for what settles nothing.
async fn drop_job(app: &App, job: &jobs::Job) -> Result<(), FlowError> {
    let mut tx = Tx::new("poll_done");
    jobs::finish(&mut tx, job);
    app.commit(tx).await?;
    Ok(())
}
