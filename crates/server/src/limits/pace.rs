//! How fast we call WeChat: one pace for each merchant and interface, below what WeChat allows, and
//! slower for a while when it says 429.
//!
//! Buyers come first: a job takes a call only while half of them are left, a buyer may take the
//! last. Both wait a little; then the job leaves its step for later, and the buyer is asked to come
//! again. Nothing that is held back was signed or sent, so nothing about it is uncertain.

mod api;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{Clock, Ids};
use tracing::warn;
use wechatpay::Operation;

use api::ApiPace;

use crate::telemetry::names;

/// How long a call waits for its turn. A buyer looks at a spinner meanwhile, and the lease of a job
/// runs; but the pause after a first 429 is shorter than this, so that it shows as a delay only.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often a call asks again after the wait that it was told. Others may have been faster each
/// time; more often than this it is one of too many.
const ROUNDS_MAX: u32 = 4;

tokio::task_local! {
    static IN_BACKGROUND: ();
}

/// Runs work that nobody waits for: its calls to WeChat yield to those of buyers.
///
/// It is a scope and no argument, because a flow is the same whoever asked for it; only the pace
/// tells the difference.
pub(crate) async fn in_background<T>(work: impl Future<Output = T>) -> T {
    IN_BACKGROUND.scope((), work).await
}

/// Who waits for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Urgency {
    Buyer,
    Job,
}

impl Urgency {
    fn of_this_task() -> Self {
        match IN_BACKGROUND.try_with(|()| ()) {
            Ok(()) => Self::Job,
            Err(_) => Self::Buyer,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Job => "job",
        }
    }
}

/// A call that was not made, because too many are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeldBack {
    /// Until it may be tried again.
    pub(crate) wait: Duration,
}

impl fmt::Display for HeldBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.wait.as_millis();
        write!(
            f,
            "held back: WeChat takes only so many calls; possible again in {ms} ms"
        )
    }
}

impl std::error::Error for HeldBack {}

impl HeldBack {
    /// Finds it among the causes of an error.
    pub(crate) fn behind(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(held) = error.downcast_ref::<Self>() {
                return Some(*held);
            }
            cause = error.source();
        }
        None
    }
}

/// The pace of one merchant.
pub(crate) struct Pace {
    merchant: String,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    apis: Vec<(Operation, Mutex<ApiPace>)>,
}

impl Pace {
    /// `percent` of the pace that WeChat allows a merchant.
    pub(crate) fn new(
        merchant: &str,
        percent: u32,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        let paced =
            |operation: Operation| (operation, Mutex::new(ApiPace::new(operation, percent)));
        Self {
            merchant: merchant.to_owned(),
            clock,
            ids,
            apis: Operation::ALL.into_iter().map(paced).collect(),
        }
    }

    /// Waits for the turn of a call, within the patience of whoever waits for it.
    pub(crate) async fn turn(&self, operation: Operation) -> Result<(), HeldBack> {
        let urgency = Urgency::of_this_task();
        let (mut waited, mut rounds) = (Duration::ZERO, 0);
        loop {
            let asked = self.with(operation, |api| match urgency {
                Urgency::Buyer => api.ask(self.clock.now()),
                Urgency::Job => api.ask_for_job(self.clock.now()),
            });
            let Err(wait) = asked else {
                return Ok(());
            };
            rounds += 1;
            waited += wait;
            if rounds > ROUNDS_MAX || waited > PATIENCE {
                metrics::counter!(
                    names::WECHAT_HELD_BACK_TOTAL,
                    "api" => operation.name(), "for" => urgency.name()
                )
                .increment(1);
                return Err(HeldBack { wait });
            }
            pause(wait).await;
        }
    }

    /// WeChat said that there were too many calls.
    pub(crate) fn limited(&self, operation: Operation, retry_after_s: Option<u32>) {
        let mut chance = [0];
        self.ids.fill(&mut chance);
        let per_s = self.with(operation, |api| {
            api.slow_down(retry_after_s, chance[0], self.clock.now());
            api.per_s()
        });
        let api = operation.name();
        metrics::counter!(names::WECHAT_LIMITED_TOTAL, "api" => api).increment(1);
        warn!(merchant = %self.merchant, api, per_s, "WeChat says 429; calling it more slowly");
    }

    fn with<T>(&self, operation: Operation, step: impl FnOnce(&mut ApiPace) -> T) -> T {
        let mut found = self.apis.iter().filter(|(each, _)| *each == operation);
        let (_, api) = found.next().expect("`Operation::ALL` has every operation");
        step(&mut api.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a call waits for its turn, for a bounded time"
)]
async fn pause(wait: Duration) {
    tokio::time::sleep(wait).await;
}
