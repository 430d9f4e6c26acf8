//! Background work. A job is a reconciler: it takes no input, may run twice at once or not for an
//! hour, and is woken by a signal and by a clock. Lose every signal and the system is only slower.

mod close_expired;
mod deliver_webhooks;
mod each_due;
mod poll_pending;
mod prune;
mod pursue_refunds;
mod recall;
mod reconcile;
mod refresh_keys;
mod runner;
mod upkeep;

pub use runner::{Runner, Work, run_due};

use std::time::Duration;

use crate::app::App;

/// The kinds of rows in the jobs table.
pub mod kind {
    /// Ask WeChat about an unpaid order.
    pub const POLL: &str = "poll";
    /// Close an order whose time to pay is over.
    pub const CLOSE: &str = "close";
    /// Bring a refund to WeChat and to its end.
    pub const REFUND: &str = "refund";
    /// Compare a day's bill with the books.
    pub const RECONCILE: &str = "reconcile";
}

/// What a tick found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// The batch was full: there is more to do at once.
    More,
    /// Nothing is due any more.
    Idle,
}

/// One kind of background work.
pub trait Job: Send + Sync + 'static {
    /// For logs and metrics.
    const NAME: &'static str;

    /// How long to wait when idle.
    fn every(&self, app: &App) -> Duration;

    /// Does what is due now, at most one batch of it.
    fn tick(&self, app: &App) -> impl Future<Output = anyhow::Result<Tick>> + Send;

    /// Waits for what ticks have begun and not finished; called once, at the stop.
    fn finish(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}
