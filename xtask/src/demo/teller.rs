//! Tells the story: one line per step, with the time it took.

use std::time::Duration;

use anyhow::bail;

use crate::clock::{Stopwatch, pause};
use crate::interrupt;

/// Often enough that a step's time is right to a few milliseconds.
const LOOK_EVERY: Duration = Duration::from_millis(100);

pub(super) fn chapter(title: &str) {
    println!("{title}");
}

/// Does one step and tells what came of it.
pub(super) fn step<T>(
    work: impl FnOnce() -> anyhow::Result<T>,
    line: impl FnOnce(&T) -> String,
) -> anyhow::Result<T> {
    let watch = Stopwatch::start();
    let result = work()?;
    println!("{:>7} ms  {}", watch.elapsed().as_millis(), line(&result));
    Ok(result)
}

/// Looks again and again until there is something to see, but not longer than `limit`.
pub(super) fn until<T>(
    limit: Duration,
    what: &str,
    mut look: impl FnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let watch = Stopwatch::start();
    loop {
        if let Some(seen) = look()? {
            return Ok(seen);
        }
        if interrupt::requested() {
            bail!("interrupted");
        }
        if watch.exceeds(limit) {
            bail!("waited {} s in vain: {what}", limit.as_secs());
        }
        pause(LOOK_EVERY);
    }
}

/// `17.90 yuan`.
pub(super) fn yuan(fen: i64) -> String {
    format!("{}.{:02} yuan", fen / 100, fen % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ends_with_what_was_seen_or_with_the_limit() {
        let mut left = 3;
        let seen = until(Duration::from_secs(5), "three looks", || {
            left -= 1;
            Ok((left == 0).then_some("there"))
        });
        assert_eq!(seen.unwrap(), "there");
        let limit = Duration::from_millis(30);
        let error = until(limit, "nothing", || Ok(None::<()>)).unwrap_err();
        assert!(error.to_string().contains("in vain: nothing"));
    }

    #[test]
    fn money_is_told_in_yuan() {
        assert_eq!(yuan(1_790), "17.90 yuan");
        assert_eq!(yuan(5), "0.05 yuan");
    }
}
