//! The only place that waits.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::{
    Job, Tick,
    close_expired::CloseExpired,
    deliver_webhooks::{self, DeliverWebhooks},
    each_due::EachDue,
    poll_pending::PollPending,
    prune::Prune,
    pursue_refunds::PursueRefunds,
    recall::Recall,
    reconcile::Reconcile,
    refresh_keys::RefreshKeys,
    upkeep::Upkeep,
};
use crate::app::App;

/// A job that finds a full batch this often in a row lets the others look in between.
const FULL_BATCHES_MAX: u32 = 1000;

/// The running jobs of a process.
pub struct Runner {
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

impl Runner {
    /// Starts all jobs; `upkeep` is what the metrics recorder wants to be called with.
    pub fn start(app: &Arc<App>, upkeep: Arc<dyn Fn() + Send + Sync>) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        // Most jobs sign; buyers and notifications must not wait behind them.
        let on = app.signers();
        tasks.spawn_on(run(RefreshKeys, app.clone(), stop.clone()), &on);
        tasks.spawn_on(run(Recall, app.clone(), stop.clone()), &on);
        tasks.spawn_on(run(EachDue(PollPending), app.clone(), stop.clone()), &on);
        tasks.spawn_on(run(EachDue(CloseExpired), app.clone(), stop.clone()), &on);
        tasks.spawn_on(run(EachDue(PursueRefunds), app.clone(), stop.clone()), &on);
        tasks.spawn_on(run(Reconcile, app.clone(), stop.clone()), &on);
        let webhooks = DeliverWebhooks::new(app.clone());
        tasks.spawn_on(run(webhooks, app.clone(), stop.clone()), &on);
        tasks.spawn_on(run(Prune, app.clone(), stop.clone()), &on);
        tasks.spawn_on(run(Upkeep(upkeep), app.clone(), stop.clone()), &on);
        Self { tasks, stop }
    }

    /// Lets each job finish the step it is in, at most for `grace`. What is cut off is leased work,
    /// which another process or the next start takes up again.
    pub async fn stop(mut self, grace: Duration) {
        self.stop.cancel();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, all).await.is_err() {
            tracing::warn!("jobs did not finish within the grace time; their leases will run out");
        }
    }
}

async fn run<J: Job>(job: J, app: Arc<App>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let pause = match job.tick(&app).await {
            Ok(Tick::More) => Duration::ZERO,
            Ok(Tick::Idle) => job.every(&app),
            Err(error) => {
                error!(
                    job.name = J::NAME,
                    "job `{}` failed and will run again: {error:#}",
                    J::NAME
                );
                job.every(&app)
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = app.wake.notified() => {}
            () = sleep(pause) => {}
        }
    }
    job.finish().await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "the job runner is the one that waits"
)]
async fn sleep(pause: Duration) {
    tokio::time::sleep(pause).await;
}

/// The jobs that do money's work, as a test or a simulation runs them: one at a time, whenever it
/// likes. (What is missing is the metrics' upkeep.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    RefreshKeys,
    Recall,
    PollPending,
    CloseExpired,
    PursueRefunds,
    Reconcile,
    DeliverWebhooks,
    Prune,
}

impl Work {
    pub const ALL: [Self; 8] = [
        Self::RefreshKeys,
        Self::Recall,
        Self::PollPending,
        Self::CloseExpired,
        Self::PursueRefunds,
        Self::Reconcile,
        Self::DeliverWebhooks,
        Self::Prune,
    ];

    /// Does of this kind what is due at this moment of the clock, and nothing else.
    ///
    /// # Errors
    /// When the job fails as a whole; a single order's trouble is logged by the job itself.
    pub async fn run(self, app: &App) -> anyhow::Result<()> {
        match self {
            Self::RefreshKeys => until_idle(&RefreshKeys, app).await,
            Self::Recall => until_idle(&Recall, app).await,
            Self::PollPending => until_idle(&EachDue(PollPending), app).await,
            Self::CloseExpired => until_idle(&EachDue(CloseExpired), app).await,
            Self::PursueRefunds => until_idle(&EachDue(PursueRefunds), app).await,
            Self::Reconcile => until_idle(&Reconcile, app).await,
            Self::DeliverWebhooks => deliver_webhooks::run_due(app).await,
            Self::Prune => until_idle(&Prune, app).await,
        }
    }
}

/// Runs everything that is due at this moment of the clock, and nothing else. For tests.
///
/// # Errors
/// The first job that fails as a whole.
pub async fn run_due(app: &App) -> anyhow::Result<()> {
    for work in Work::ALL {
        work.run(app).await?;
    }
    Ok(())
}

async fn until_idle<J: Job>(job: &J, app: &App) -> anyhow::Result<()> {
    for _ in 0..FULL_BATCHES_MAX {
        if job.tick(app).await? == Tick::Idle {
            return Ok(());
        }
    }
    Ok(())
}
