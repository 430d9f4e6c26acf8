//! Takes back what was put off before the clock was set back.
//!
//! Leases and due times are moments of the wall clock, because several machines share them. A clock
//! that runs ahead and is then set right leaves rows that would wait until it is there again: for
//! ten minutes, or, when a machine began in the wrong year, for ever. None can lawfully lie so far
//! ahead, so they are due now; a row that is stepped twice is harmless.

use std::time::Duration;

use store::{jobs, webhook_deliveries, webhook_endpoints};
use tracing::warn;

use super::{Job, Tick, kind, reconcile};
use crate::{app::App, flows::deliver_webhook};

/// After a jump back, what a dead worker held is free again this soon, and the lease.
const EVERY: Duration = Duration::from_secs(60);

/// How far apart the clocks of machines that share a database may be: readiness asks for as much.
/// What a machine that is ahead leases must not be taken back by one that is behind.
const CLOCKS_APART: Duration = Duration::from_secs(120);

/// Longer than the longest life of an order, seven days, which is what a job may wait for.
const LONGEST_WAIT: Duration = Duration::from_secs(8 * 24 * 3600);

const KINDS: [&str; 3] = [kind::POLL, kind::CLOSE, kind::REFUND];

pub(super) struct Recall;

impl Job for Recall {
    const NAME: &'static str = "recall";

    fn every(&self, _: &App) -> Duration {
        EVERY
    }

    async fn tick(&self, app: &App) -> anyhow::Result<Tick> {
        let (now, settings) = (app.clock.now(), &app.settings);
        let lease = settings.jobs.lease() + CLOCKS_APART;
        let told_within = deliver_webhook::lease(&settings.webhooks) + CLOCKS_APART;
        for merchant in app.merchants.iter() {
            let (store, mch_id) = (&app.store, &merchant.mch_id);
            let mut recalled = 0;
            for kind in KINDS {
                recalled += jobs::recall(store, mch_id, kind, now, lease, LONGEST_WAIT).await?;
            }
            let day = reconcile::LEASE + CLOCKS_APART;
            recalled +=
                jobs::recall(store, mch_id, kind::RECONCILE, now, day, LONGEST_WAIT).await?;
            for endpoint in webhook_endpoints::list(store, mch_id).await? {
                let rows =
                    webhook_deliveries::recall(store, &endpoint, now, told_within, LONGEST_WAIT);
                recalled += rows.await?;
            }
            if recalled > 0 {
                warn!(
                    merchant = %merchant.key, recalled,
                    "the clock was set back: {recalled} jobs would have waited for it and are due \
                     now"
                );
            }
        }
        Ok(Tick::Idle)
    }
}
