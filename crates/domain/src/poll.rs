//! When to ask WeChat next about an order that is not paid yet, and how often to try to close it.
//!
//! The schedule depends on the time alone, not on how many checks were made: a check that came
//! late, twice, or not at all leaves nothing behind that could be out of step.

use std::time::Duration;

use crate::Millis;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes.saturating_mul(60))
}

/// How long after an order is placed WeChat is asked about it: plan A of its active query.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012075249.
pub const MARKS: [Duration; 7] = [
    seconds(5),
    seconds(30),
    minutes(1),
    minutes(3),
    minutes(5),
    minutes(10),
    minutes(30),
];

/// What to do next about an unpaid order, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask WeChat whether it is paid.
    QueryAt(Millis),
    /// Its time is up then: query, close at WeChat, and only a confirmed close ends it.
    CloseAt(Millis),
}

impl Next {
    /// The time of either.
    pub const fn at(self) -> Millis {
        match self {
            Self::QueryAt(at) | Self::CloseAt(at) => at,
        }
    }
}

/// What is next after `now` for an order placed at `created_at` that may be paid until
/// `expires_at`.
///
/// The next mark in the future; a mark that passed while nobody looked is skipped, so that a
/// server that was down asks once per order and not seven times. Never a query at or past the
/// expiry: then it is the close, which asks first anyway.
pub fn next(created_at: Millis, expires_at: Millis, now: Millis) -> Next {
    MARKS
        .iter()
        .map(|mark| created_at.plus(*mark))
        .find(|at| *at > now)
        .filter(|at| *at < expires_at)
        .map_or(Next::CloseAt(expires_at), Next::QueryAt)
}

/// The waits between attempts to close; the last one repeats.
const CLOSE_WAITS: [Duration; 8] = [
    seconds(10),
    seconds(30),
    minutes(1),
    minutes(2),
    minutes(5),
    minutes(10),
    minutes(30),
    minutes(60),
];

/// A week of hourly attempts and some: WeChat itself closes an unpaid order after seven days, so
/// what cannot be closed by then needs a person.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791870.
pub const CLOSE_ATTEMPTS_MAX: u32 = 180;

/// When to try again to close an order after `attempts` attempts without an answer; `None` when
/// it has been tried often enough and a person must look.
pub fn retry_close(attempts: u32, now: Millis) -> Option<Millis> {
    if attempts >= CLOSE_ATTEMPTS_MAX {
        return None;
    }
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let wait = CLOSE_WAITS.get(index).or(CLOSE_WAITS.last())?;
    Some(now.plus(*wait))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CREATED: Millis = Millis(1_000_000);

    fn after(seconds: u64) -> Millis {
        CREATED.plus(Duration::from_secs(seconds))
    }

    /// The schedule of questions about an unpaid order, from five seconds to its close.
    #[test]
    fn n01_an_order_of_half_an_hour_is_asked_about_six_times_and_then_closed() {
        let expires_at = after(1800);
        let mut now = CREATED;
        let mut seen = Vec::new();
        loop {
            match next(CREATED, expires_at, now) {
                Next::QueryAt(at) => {
                    seen.push(at.since(CREATED).as_secs());
                    now = at;
                }
                Next::CloseAt(at) => {
                    assert_eq!(at, expires_at);
                    break;
                }
            }
        }
        assert_eq!(seen, [5, 30, 60, 180, 300, 600]);
    }

    #[test]
    fn a_late_check_skips_to_the_next_mark() {
        assert_eq!(
            next(CREATED, after(7200), after(170)),
            Next::QueryAt(after(180))
        );
        assert_eq!(
            next(CREATED, after(7200), after(180)),
            Next::QueryAt(after(300))
        );
        assert_eq!(
            next(CREATED, after(7200), after(700)),
            Next::QueryAt(after(1800))
        );
    }

    #[test]
    fn after_the_last_mark_only_the_close_is_left() {
        assert_eq!(
            next(CREATED, after(7200), after(1800)),
            Next::CloseAt(after(7200))
        );
        assert_eq!(
            next(CREATED, after(7200), after(9999)),
            Next::CloseAt(after(7200))
        );
    }

    #[test]
    fn an_order_that_expires_before_the_next_mark_is_not_asked_about_again() {
        assert_eq!(
            next(CREATED, after(60), after(30)),
            Next::CloseAt(after(60))
        );
        assert_eq!(next(CREATED, after(3), CREATED), Next::CloseAt(after(3)));
    }

    #[test]
    fn closing_is_tried_for_a_week_with_longer_and_longer_waits() {
        let waits: Vec<u64> = (1..=10)
            .map(|n| retry_close(n, CREATED).unwrap().since(CREATED).as_secs())
            .collect();
        assert_eq!(waits, [10, 30, 60, 120, 300, 600, 1800, 3600, 3600, 3600]);

        let mut now = CREATED;
        let mut attempts = 1;
        while let Some(at) = retry_close(attempts, now) {
            now = at;
            attempts += 1;
        }
        assert!(now.since(CREATED) > Duration::from_secs(7 * 86_400));
        assert_eq!(retry_close(u32::MAX, CREATED), None);
    }

    proptest! {
        #[test]
        fn a_query_is_in_the_future_and_before_the_expiry(
            lifetime in 0_u64..1_000_000, late in 0_u64..2_000_000,
        ) {
            let (expires_at, now) = (after(lifetime), after(late));
            match next(CREATED, expires_at, now) {
                Next::QueryAt(at) => prop_assert!(at > now && at < expires_at),
                Next::CloseAt(at) => prop_assert_eq!(at, expires_at),
            }
        }
    }
}
