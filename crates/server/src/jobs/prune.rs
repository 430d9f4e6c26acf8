//! Removes what nobody needs any more: expired sessions, old idempotency keys, old notifications,
//! and the log of webhooks. Orders, refunds, their history, exceptions and events are books; they
//! stay.

use std::time::Duration;

use domain::{MchId, Millis};
use store::{
    idempotency, inbox, sessions, webhook_attempts, webhook_deliveries, webhook_endpoints,
};

use super::{Job, Tick};
use crate::app::App;

/// Rows per statement: short transactions, so that orders do not wait behind housekeeping.
const BATCH_ROWS: u32 = 500;

pub(super) struct Prune;

impl Job for Prune {
    const NAME: &'static str = "prune";

    fn every(&self, app: &App) -> Duration {
        Duration::from_secs(app.settings.jobs.prune_every_s.into())
    }

    async fn tick(&self, app: &App) -> anyhow::Result<Tick> {
        let now = app.clock.now();
        let keys_kept = Duration::from_secs(app.settings.orders.idempotency_kept_s.into());
        let keys_before = now.minus(keys_kept);
        let notifications_before = now.minus(app.settings.notifications.kept());
        let mut tick = Tick::Idle;
        for merchant in app.merchants.iter() {
            let mch_id = &merchant.mch_id;
            let removed = [
                sessions::prune(&app.store, mch_id, now, BATCH_ROWS).await?,
                idempotency::prune(&app.store, mch_id, keys_before, BATCH_ROWS).await?,
                inbox::prune(&app.store, mch_id, notifications_before, BATCH_ROWS).await?,
            ];
            let webhooks_before = now.minus(app.settings.webhooks.kept());
            let removed = removed
                .into_iter()
                .chain(webhooks(app, mch_id, webhooks_before).await?);
            let removed: Vec<u64> = removed.collect();
            if removed.iter().any(|&rows| rows >= u64::from(BATCH_ROWS)) {
                tick = Tick::More;
            }
        }
        Ok(tick)
    }
}

async fn webhooks(app: &App, mch_id: &MchId, before: Millis) -> anyhow::Result<Vec<u64>> {
    let mut removed = Vec::new();
    for endpoint in webhook_endpoints::list(&app.store, mch_id).await? {
        let (store, endpoint) = (&app.store, &endpoint);
        removed.push(webhook_deliveries::prune(store, endpoint, before, BATCH_ROWS).await?);
        removed.push(webhook_attempts::prune(store, endpoint, before, BATCH_ROWS).await?);
    }
    Ok(removed)
}
