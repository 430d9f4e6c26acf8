//! Virtual time: the machine's clock plus what the control plane has added, or frozen.
//!
//! Orders expire, prepay ids die and notifications are resent by [`Clock::now`]. Signatures are
//! judged by [`Clock::wall`] unless the settings say otherwise, because a client under test keeps
//! the machine's time and would refuse an answer that was signed tomorrow.

use std::sync::Mutex;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::platform::lock;

/// No single wait is longer than this, so that a suspended laptop catches up soon after waking.
const LONGEST_NAP: Duration = Duration::from_secs(60);

/// The platform's clock.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    hand: Mutex<Hand>,
    wall: Wall,
    moved: Notify,
}

/// What people and clients on the other side have on their wall.
#[derive(Clone, Copy, Debug, Default)]
enum Wall {
    /// The machine's clock.
    #[default]
    Machine,
    /// Virtual time: there is no other, and the machine is never asked.
    Virtual,
}

#[derive(Clone, Copy, Debug)]
enum Hand {
    /// Ahead of the machine by so much.
    Running(SignedDuration),
    /// Here until it is advanced.
    Frozen(Timestamp),
}

impl Default for Hand {
    fn default() -> Self {
        Self::Running(SignedDuration::ZERO)
    }
}

/// Whether virtual time passes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Flow {
    /// As fast as the machine's.
    Running,
    /// Only by advancing: a test is exact to the second however slow the machine is.
    Frozen,
}

impl Clock {
    /// A clock that stands at `now` until it is advanced, and knows no other time.
    pub(crate) fn standing_at(now: Timestamp) -> Self {
        Self {
            hand: Mutex::new(Hand::Frozen(now)),
            wall: Wall::Virtual,
            moved: Notify::default(),
        }
    }

    /// Virtual time.
    pub(crate) fn now(&self) -> Timestamp {
        lock(&self.hand).now()
    }

    /// The machine's time, or what stands for it.
    pub(crate) fn wall(&self) -> Timestamp {
        match self.wall {
            Wall::Machine => Self::real(),
            Wall::Virtual => self.now(),
        }
    }

    /// The machine's time, for what is no part of the platform: keys and how long a person waited.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the sandbox's one look at the time"
    )]
    pub(crate) fn real() -> Timestamp {
        Timestamp::now()
    }

    /// Whether virtual time passes by itself.
    pub(crate) fn flow(&self) -> Flow {
        match *lock(&self.hand) {
            Hand::Running(_) => Flow::Running,
            Hand::Frozen(_) => Flow::Frozen,
        }
    }

    /// Stops virtual time, or lets it run on from where it is.
    pub(crate) fn set_flow(&self, flow: Flow) {
        let mut hand = lock(&self.hand);
        let now = hand.now();
        *hand = match flow {
            Flow::Running => Hand::Running(now.duration_since(Self::real())),
            Flow::Frozen => Hand::Frozen(now),
        };
        self.moved.notify_one();
    }

    /// Moves virtual time forward to `then`; never backward.
    pub(crate) fn advance_to(&self, then: Timestamp) {
        let mut hand = lock(&self.hand);
        if then > hand.now() {
            *hand = match *hand {
                Hand::Running(_) => Hand::Running(then.duration_since(Self::real())),
                Hand::Frozen(_) => Hand::Frozen(then),
            };
        }
        self.moved.notify_one();
    }

    /// Gives up everything that was added; only a reset of the whole platform does this.
    pub(crate) fn rewind(&self) {
        *lock(&self.hand) = Hand::default();
        self.moved.notify_one();
    }

    /// Makes the one waiter look again, because something new fell due.
    pub(crate) fn wake(&self) {
        self.moved.notify_one();
    }

    /// Returns when `then` is reached or earlier; the caller looks again. `None` waits to be woken.
    pub(crate) async fn wait_until(&self, then: Option<Timestamp>) {
        let nap = match (then, self.flow()) {
            (Some(then), Flow::Running) => {
                let left = then.duration_since(self.now());
                Duration::try_from(left).unwrap_or(Duration::ZERO)
            }
            (None, _) | (_, Flow::Frozen) => LONGEST_NAP,
        };
        tokio::select! {
            () = pause(nap.min(LONGEST_NAP)) => {}
            () = self.moved.notified() => {}
        }
    }
}

impl Hand {
    fn now(self) -> Timestamp {
        match self {
            Self::Running(ahead) => Clock::real()
                .saturating_add(ahead)
                .unwrap_or(Timestamp::MAX),
            Self::Frozen(at) => at,
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

/// As bills write times.
pub(crate) fn bill_time(time: Timestamp) -> String {
    beijing(time, "%Y-%m-%d %H:%M:%S")
}

/// The day in Beijing.
pub(crate) fn beijing_date(time: Timestamp) -> Date {
    offset(8).to_datetime(time).date()
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

    #[test]
    fn a_frozen_clock_stands_until_it_is_advanced() {
        let clock = Clock::default();
        clock.set_flow(Flow::Frozen);
        let start = clock.now();
        assert_eq!(clock.now(), start);
        clock.advance_to(later(start, 10));
        assert_eq!(clock.now(), later(start, 10));
        clock.set_flow(Flow::Running);
        assert!(clock.now() >= later(start, 10));
    }

    #[test]
    fn a_standing_clock_is_all_the_time_there_is() {
        let start = "1999-12-31T23:59:59Z".parse().unwrap();
        let clock = Clock::standing_at(start);
        assert_eq!((clock.now(), clock.wall()), (start, start));
        clock.advance_to(later(start, 10));
        assert_eq!(clock.wall(), later(start, 10));
        assert_eq!(clock.flow(), Flow::Frozen);
    }
}
