//! The token bucket, as one number: the moment at which it is full again.
//!
//! That form (GCRA) needs no refill, no float and no timer. What the usual crate has beyond it we
//! cannot use: its store of keys has no bound, its clock is not ours, and its rate is fixed.

use std::time::Duration;

use domain::Millis;

const SECOND_US: i64 = 1_000_000;
const MILLI_US: i64 = 1_000;

/// How fast a bucket fills, and how much it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    interval_us: i64,
    burst: u32,
}

impl Rate {
    /// `per_s` calls each second, of which `burst` may come at once; both are at least one.
    pub(crate) fn new(per_s: u32, burst: u32) -> Self {
        Self {
            interval_us: (SECOND_US / i64::from(per_s.max(1))).max(1),
            burst: burst.max(1),
        }
    }

    pub(crate) fn burst(self) -> u32 {
        self.burst
    }

    /// How long an empty bucket takes to be full. After that much idleness it may be forgotten.
    pub(crate) fn refill(self) -> Duration {
        span(self.span_us(self.burst))
    }

    fn span_us(self, calls: u32) -> i64 {
        self.interval_us.saturating_mul(i64::from(calls))
    }

    /// So many calls fit into a span, the last one begun counting whole.
    fn calls(self, span_us: i64) -> u32 {
        u32::try_from(span_us.saturating_add(self.interval_us - 1) / self.interval_us)
            .unwrap_or(self.burst)
    }
}

/// A bucket. The default is full.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bucket {
    full_at_us: i64,
}

/// What a bucket holds after a look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) calls: u32,
    /// Until it is full again.
    pub(crate) full_in: Duration,
}

impl Bucket {
    /// Takes one call out and says what is left; `Err` says how long until that will be possible.
    /// At least `reserve` calls are left for others.
    pub(crate) fn take(&mut self, rate: Rate, reserve: u32, now: Millis) -> Result<Left, Duration> {
        let now_us = now.0.saturating_mul(MILLI_US);
        let capacity_us = rate.span_us(rate.burst);
        // Emptier than empty is a clock that was set back. Nobody is refused on account of that.
        let set_back = self.full_at_us > now_us.saturating_add(capacity_us);
        let full_at_us = if set_back {
            now_us
        } else {
            // A full bucket gets no fuller.
            self.full_at_us.max(now_us)
        };
        let next_us = full_at_us.saturating_add(rate.interval_us);
        let usable_us = rate.span_us(rate.burst.saturating_sub(reserve).max(1));
        let debt_us = next_us.saturating_sub(now_us);
        if debt_us > usable_us {
            return Err(span(debt_us - usable_us));
        }
        self.full_at_us = next_us;
        Ok(Left {
            calls: rate.burst.saturating_sub(rate.calls(debt_us)),
            full_in: span(debt_us),
        })
    }
}

fn span(us: i64) -> Duration {
    Duration::from_micros(u64::try_from(us).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: Millis = Millis(1_800_000_000_000);

    #[test]
    fn a_burst_passes_at_once_and_then_one_call_for_each_interval() {
        let (rate, mut bucket) = (Rate::new(10, 3), Bucket::default());
        for left in [2, 1, 0] {
            assert_eq!(bucket.take(rate, 0, NOON).unwrap().calls, left);
        }
        let wait = bucket.take(rate, 0, NOON).unwrap_err();
        assert_eq!(wait, Duration::from_millis(100));
        assert!(bucket.take(rate, 0, Millis(NOON.0 + 99)).is_err());
        assert!(bucket.take(rate, 0, Millis(NOON.0 + 100)).is_ok());
        assert!(bucket.take(rate, 0, Millis(NOON.0 + 100)).is_err());
        let refilled = NOON.plus(rate.refill() * 2);
        assert_eq!(bucket.take(rate, 0, refilled).unwrap().calls, 2);
    }

    #[test]
    fn what_is_reserved_is_left_for_others() {
        let (rate, mut bucket) = (Rate::new(10, 4), Bucket::default());
        assert!(bucket.take(rate, 2, NOON).is_ok());
        assert!(bucket.take(rate, 2, NOON).is_ok());
        assert!(bucket.take(rate, 2, NOON).is_err());
        assert!(bucket.take(rate, 0, NOON).is_ok());
    }

    /// When our clock is set back no limit refuses on account of the later time that it has seen.
    #[test]
    fn k05_a_clock_that_is_set_back_refuses_nobody() {
        let (rate, mut bucket) = (Rate::new(10, 3), Bucket::default());
        while bucket.take(rate, 0, NOON).is_ok() {}
        let ten_minutes_ago = Millis(NOON.0 - 600_000);
        assert!(bucket.take(rate, 0, ten_minutes_ago).is_ok());
    }

    proptest! {
        /// Over any span no more calls pass than the burst and what the span refills.
        #[test]
        fn no_span_lets_more_through_than_it_refills(
            per_s in 1_u32..1_000,
            burst in 1_u32..100,
            steps in prop::collection::vec(0_i64..50, 1..400),
        ) {
            let (rate, mut bucket, mut now, mut passed) =
                (Rate::new(per_s, burst), Bucket::default(), NOON, 0_i64);
            for step in steps {
                now = Millis(now.0 + step);
                passed += i64::from(bucket.take(rate, 0, now).is_ok());
                let refilled = (now.0 - NOON.0) * MILLI_US / rate.interval_us;
                prop_assert!(passed <= i64::from(burst) + refilled);
            }
        }
    }
}
