//! The only file of this crate that reads the clock or waits.

use std::time::{Duration, Instant};

/// Measures how long something takes, for people to read and for limits to be kept.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "measures a tool's own run, not product time"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    pub(crate) fn exceeds(self, limit: Duration) -> bool {
        self.elapsed() > limit
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a tool waits for processes, which cannot wake it"
)]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// `0.4 s`, `12.3 s`, `4 min 07 s`.
pub(crate) fn readable(time: Duration) -> String {
    let tenths = time.as_millis() / 100;
    if tenths < 1_200 {
        format!("{}.{} s", tenths / 10, tenths % 10)
    } else {
        format!("{} min {:02} s", tenths / 600, tenths % 600 / 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_and_readable() {
        assert_eq!(readable(Duration::from_millis(449)), "0.4 s");
        assert_eq!(readable(Duration::from_millis(12_345)), "12.3 s");
        assert_eq!(readable(Duration::from_secs(247)), "4 min 07 s");
    }
}
