//! Virtual time: the machine's clock plus what the control plane has added.
//!
//! Orders expire, prepay ids die and notifications are resent by [`Clock::now`]. Signatures are
//! judged by [`Clock::real`] unless the settings say otherwise, because a client under test keeps
//! the machine's time and would refuse an answer that was signed tomorrow.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

/// No single wait is longer than this, so that a suspended laptop catches up soon after waking.
const LONGEST_NAP: Duration = Duration::from_secs(60);

/// The platform's clock.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead_ns: AtomicI64,
    moved: Notify,
}

impl Clock {
    /// Virtual time.
    pub(crate) fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_nanos(self.ahead_ns.load(Ordering::SeqCst));
        Self::real().saturating_add(ahead).unwrap_or(Timestamp::MAX)
    }

    /// The machine's time.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the sandbox's one look at the time"
    )]
    pub(crate) fn real() -> Timestamp {
        Timestamp::now()
    }

    /// Moves virtual time forward to `then`; never backward.
    pub(crate) fn advance_to(&self, then: Timestamp) {
        let gap = then.duration_since(self.now()).as_nanos();
        let gap = i64::try_from(gap).unwrap_or(i64::MAX);
        if gap > 0 {
            self.ahead_ns.fetch_add(gap, Ordering::SeqCst);
            self.moved.notify_one();
        }
    }

    /// Gives up everything that was added; only a reset of the whole platform does this.
    pub(crate) fn rewind(&self) {
        self.ahead_ns.store(0, Ordering::SeqCst);
        self.moved.notify_one();
    }

    /// Makes the one waiter look again, because something new fell due.
    pub(crate) fn wake(&self) {
        self.moved.notify_one();
    }

    /// Returns when `then` is reached or earlier; the caller looks again. `None` waits to be woken.
    pub(crate) async fn wait_until(&self, then: Option<Timestamp>) {
        let nap = then.map_or(LONGEST_NAP, |then| {
            let left = then.duration_since(self.now());
            Duration::try_from(left)
                .unwrap_or(Duration::ZERO)
                .min(LONGEST_NAP)
        });
        tokio::select! {
            () = pause(nap) => {}
            () = self.moved.notified() => {}
        }
    }
}

/// Waits in the machine's time: an answer that is late on purpose is late for a real client.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of the sandbox that sleeps"
)]
pub(crate) async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}

/// As WeChat writes times: RFC 3339 in Beijing time with whole seconds.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    beijing(time, "%Y-%m-%dT%H:%M:%S+08:00")
}

/// Fourteen digits of Beijing time, as they stand in a prepay id.
pub(crate) fn fourteen_digits(time: Timestamp) -> String {
    beijing(time, "%Y%m%d%H%M%S")
}

/// Eight digits of the Beijing date, as they stand in a transaction id.
pub(crate) fn date_digits(time: Timestamp) -> String {
    beijing(time, "%Y%m%d")
}

fn beijing(time: Timestamp, format: &str) -> String {
    time.to_zoned_datetime(TimeZone::fixed(offset(8)))
        .strftime(format)
        .to_string()
}

/// `time` plus so many seconds, staying within what can be represented.
pub(crate) fn later(time: Timestamp, seconds: i64) -> Timestamp {
    time.saturating_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_beijing() {
        let time: Timestamp = "2018-06-08T02:34:56.789Z".parse().unwrap();
        assert_eq!(rfc3339(time), "2018-06-08T10:34:56+08:00");
        assert_eq!(fourteen_digits(time), "20180608103456");
        assert_eq!(
            date_digits("2018-06-08T23:00:00Z".parse().unwrap()),
            "20180609"
        );
    }

    #[test]
    fn the_clock_only_moves_forward() {
        let clock = Clock::default();
        let start = clock.now();
        clock.advance_to(later(start, 3600));
        assert!(clock.now() >= later(start, 3600));
        clock.advance_to(start);
        assert!(clock.now() >= later(start, 3600));
        clock.rewind();
        assert!(clock.now() < later(start, 60));
    }
}
