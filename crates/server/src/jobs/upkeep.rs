//! Lets the metrics recorder fold what it collected: without it, samples wait in memory for a
//! scrape that may never come.

use std::{sync::Arc, time::Duration};

use super::{Job, Tick};
use crate::app::App;

/// What the recorder asks for; a burst of some ten thousand samples is then the most that waits.
const EVERY: Duration = Duration::from_secs(5);

pub(super) struct Upkeep(pub(super) Arc<dyn Fn() + Send + Sync>);

impl Job for Upkeep {
    const NAME: &'static str = "upkeep";

    fn every(&self, _: &App) -> Duration {
        EVERY
    }

    async fn tick(&self, _: &App) -> anyhow::Result<Tick> {
        (self.0)();
        Ok(Tick::Idle)
    }
}
