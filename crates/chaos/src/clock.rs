//! The one place of this crate that reads clocks and waits. Chaos happens in real time; nothing
//! that is checked afterwards depends on how long anything took.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Between two looks at something that another process decides. Long enough to leave the machine
/// to that process.
const GLANCE: Duration = Duration::from_millis(10);

/// A running stopwatch.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "measures a run, decides nothing of the product"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "another process has no event to await"
)]
pub async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Looks again and again until there is something to see.
///
/// # Errors
/// What a look ends in, or that `limit` has passed.
pub async fn until<T>(
    what: &str,
    limit: Duration,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let watch = Stopwatch::start();
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        if watch.elapsed() > limit {
            bail!("waited {} s in vain for {what}", limit.as_secs());
        }
        pause(GLANCE).await;
    }
}
