//! Tells every endpoint what is due for it. Each endpoint has a lane of its own: one that answers
//! slowly holds nobody else up.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::MchId;
use futures_util::future::join_all;
use store::webhook_endpoints::{self, EndpointState};
use tokio::task::JoinSet;
use tracing::warn;

use super::{Job, Tick};
use crate::{
    app::App,
    flows::{deliver_webhook::tell_endpoint, read_events},
};

/// An endpoint by the merchant and its id.
type Lane = (MchId, String);

pub(super) struct DeliverWebhooks {
    app: Arc<App>,
    open: Arc<Mutex<HashSet<Lane>>>,
    tasks: Mutex<JoinSet<()>>,
}

impl DeliverWebhooks {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self {
            app,
            open: Arc::default(),
            tasks: Mutex::default(),
        }
    }

    fn open_lane(&self, lane: Lane) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if !open.insert(lane.clone()) {
            return;
        }
        let (app, closing) = (self.app.clone(), Closing(self.open.clone(), lane));
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            tell(&app, &closing.1).await;
        });
    }
}

/// Closes the lane however its task ends.
struct Closing(Arc<Mutex<HashSet<Lane>>>, Lane);

impl Drop for Closing {
    fn drop(&mut self) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&self.1);
    }
}

impl Job for DeliverWebhooks {
    const NAME: &'static str = "deliver_webhooks";

    fn every(&self, app: &App) -> Duration {
        app.settings.jobs.tick()
    }

    async fn tick(&self, app: &App) -> anyhow::Result<Tick> {
        for lane in lanes(app).await? {
            self.open_lane(lane);
        }
        Ok(Tick::Idle)
    }

    async fn finish(&self) {
        let mut tasks = {
            let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *tasks)
        };
        while tasks.join_next().await.is_some() {}
    }
}

/// Places what happened, and lists the endpoints that are told.
async fn lanes(app: &App) -> anyhow::Result<Vec<Lane>> {
    let mut lanes = Vec::new();
    for merchant in app.merchants.iter() {
        let mch_id = &merchant.mch_id;
        read_events::place(app, mch_id).await?;
        for endpoint in webhook_endpoints::list(&app.store, mch_id).await? {
            if endpoint.state == EndpointState::Enabled {
                lanes.push((mch_id.clone(), endpoint.endpoint_id));
            }
        }
    }
    Ok(lanes)
}

async fn tell(app: &App, (mch_id, endpoint_id): &Lane) {
    if let Err(error) = tell_endpoint(app, mch_id, endpoint_id).await {
        // The leases run out, and it is tried again.
        let error = anyhow::Error::from(error);
        warn!(endpoint = %endpoint_id, "telling an endpoint failed: {error:#}");
    }
}

/// All lanes side by side, to their end; for tests and simulation.
pub(super) async fn run_due(app: &App) -> anyhow::Result<()> {
    let lanes = lanes(app).await?;
    join_all(lanes.iter().map(|lane| tell(app, lane))).await;
    Ok(())
}
