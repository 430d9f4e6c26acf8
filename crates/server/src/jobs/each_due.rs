//! Claim, step, release: the shape of every job that works through rows of the jobs table.
//!
//! A claim leases the rows; a step is idempotent and guarded by the version of its order, so that a
//! row which two workers step at once is harmless. A process that dies costs one lease.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use store::jobs;
use tracing::warn;

use super::{Job, Tick};
use crate::{
    app::App, clock::Stopwatch, flows::FlowError, limits::pace::in_background, merchant::Merchant,
    telemetry::names,
};

/// What became of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stepped {
    /// The row is gone.
    Done,
    /// The row is due again later.
    Again,
}

/// What to do with one row.
pub(super) trait Step: Send + Sync + 'static {
    const NAME: &'static str;
    /// The kind of rows in the jobs table.
    const KIND: &'static str;

    fn step(
        app: &App,
        merchant: &Merchant,
        job: &jobs::Job,
    ) -> impl Future<Output = Result<Stepped, FlowError>> + Send;
}

/// The job that takes each due row of all merchants through `S`.
pub(super) struct EachDue<S>(pub(super) S);

impl<S: Step> Job for EachDue<S> {
    const NAME: &'static str = S::NAME;

    fn every(&self, app: &App) -> Duration {
        app.settings.jobs.tick()
    }

    async fn tick(&self, app: &App) -> anyhow::Result<Tick> {
        let mut tick = Tick::Idle;
        for merchant in app.merchants.iter() {
            if claim_and_step::<S>(app, &merchant).await? == Tick::More {
                tick = Tick::More;
            }
        }
        Ok(tick)
    }
}

async fn claim_and_step<S: Step>(app: &App, merchant: &Arc<Merchant>) -> anyhow::Result<Tick> {
    let settings = &app.settings.jobs;
    let (mch_id, now) = (&merchant.mch_id, app.clock.now());
    let oldest = jobs::next_due(&app.store, mch_id, S::KIND).await?;
    let waited = oldest.map_or(Duration::ZERO, |due| now.since(due));
    // One series per merchant: of one for all, only the last merchant's figure would be seen.
    let labels = [
        ("kind", S::KIND.to_owned()),
        ("merchant", merchant.key.clone()),
    ];
    metrics::gauge!(names::JOB_OLDEST_DUE_SECONDS, &labels).set(waited.as_secs_f64());

    let due = jobs::claim(
        &app.store,
        mch_id,
        S::KIND,
        now,
        settings.lease(),
        settings.batch,
    )
    .await?;
    let claimed = u32::try_from(due.len()).unwrap_or(u32::MAX);
    metrics::gauge!(names::JOBS_DUE, &labels).set(claimed);
    let width = usize::try_from(settings.concurrency).unwrap_or(1);
    stream::iter(due)
        .for_each_concurrent(width, |job| async move {
            measured::<S>(app, merchant, &job).await;
        })
        .await;
    Ok(if claimed >= settings.batch {
        Tick::More
    } else {
        Tick::Idle
    })
}

async fn measured<S: Step>(app: &App, merchant: &Merchant, job: &jobs::Job) {
    let stopwatch = Stopwatch::start();
    let outcome = match in_background(S::step(app, merchant, job)).await {
        Ok(Stepped::Done) => "done",
        Ok(Stepped::Again) => "again",
        Err(error) => {
            // One order's trouble is not another's: its lease runs out and it is tried again.
            let error = anyhow::Error::from(error);
            warn!(job.name = S::NAME, order.no = %job.subject, "a job's step failed: {error:#}");
            "failed"
        }
    };
    let labels = [("kind", S::KIND), ("outcome", outcome)];
    metrics::histogram!(names::JOB_DURATION_SECONDS, &labels).record(stopwatch.elapsed());
}
