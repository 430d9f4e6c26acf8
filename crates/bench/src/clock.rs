//! The one place of this program that reads clocks. A benchmark measures real time; nothing else
//! in the workspace may.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

/// A running stopwatch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// Whole microseconds since the start; a run never comes near the limit of `u64`.
    pub(crate) fn micros(self) -> u64 {
        u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Whole nanoseconds since the start.
    pub(crate) fn nanos(self) -> u64 {
        u64::try_from(self.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Unix time in milliseconds, for signatures that must be fresh.
#[expect(
    clippy::disallowed_methods,
    reason = "signatures of the stub must be fresh in real time"
)]
pub(crate) fn unix_millis() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Unix time in seconds.
pub(crate) fn unix_seconds() -> i64 {
    unix_millis().div_euclid(1000)
}

/// Waits between two looks at a condition that the operating system decides (a port that opens).
#[expect(
    clippy::disallowed_methods,
    reason = "waiting for another process has no event to await"
)]
pub(crate) async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// CPU time of this thread so far, in nanoseconds, as the scheduler counts it.
pub(crate) fn thread_cpu_nanos() -> Result<u64> {
    on_cpu_nanos(Path::new("/proc/thread-self"))
}

/// CPU time of the thread whose `/proc` folder this is.
pub(crate) fn on_cpu_nanos(thread: &Path) -> Result<u64> {
    let text = std::fs::read_to_string(thread.join("schedstat"))?;
    let field = text.split(' ').next().unwrap_or_default();
    field
        .parse()
        .context("schedstat does not begin with a number")
}
