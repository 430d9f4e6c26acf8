//! The one virtual clock. It is tokio's own, stopped: it moves only when every task waits, and then
//! to the next moment at which somebody wakes up. Three days pass as fast as they can be computed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::{Clock, Millis};
use jiff::Timestamp;
use tokio::time::Instant;

/// When every simulation begins: 2026-11-02, a Monday, at midnight in Beijing.
pub(crate) const EPOCH: Millis = Millis(1_793_548_800_000);

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// Virtual time. Only for use inside a runtime whose clock is stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time {
    began: Instant,
}

impl Time {
    #[expect(clippy::disallowed_methods, reason = "this is the virtual clock")]
    pub(crate) fn begin() -> Self {
        Self {
            began: Instant::now(),
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    pub(crate) fn now(&self) -> Millis {
        EPOCH.plus(self.elapsed())
    }

    /// The same as the platform wants it.
    pub(crate) fn timestamp(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now().0).unwrap_or(Timestamp::MAX)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the virtual clock")]
    pub(crate) async fn sleep(&self, length: Duration) {
        tokio::time::sleep(length).await;
    }

    /// Returns at once when `then` is past.
    pub(crate) async fn sleep_until(&self, then: Millis) {
        self.sleep(then.since(self.now())).await;
    }
}

/// The clock of one machine: the virtual one, and how wrong it is.
#[derive(Clone, Debug)]
pub(crate) struct MachineClock {
    time: Time,
    skew_ms: Arc<AtomicI64>,
}

impl MachineClock {
    pub(crate) fn new(time: Time) -> Self {
        Self {
            time,
            skew_ms: Arc::default(),
        }
    }

    /// Makes it wrong by so much, forward or backward, from one moment to the next.
    pub(crate) fn jump(&self, skew_ms: i64) {
        self.skew_ms.store(skew_ms, Ordering::SeqCst);
    }

    pub(crate) fn is_right(&self) -> bool {
        self.skew_ms.load(Ordering::SeqCst) == 0
    }
}

impl Clock for MachineClock {
    fn now(&self) -> Millis {
        let skew = self.skew_ms.load(Ordering::SeqCst);
        Millis(self.time.now().0.saturating_add(skew))
    }
}
