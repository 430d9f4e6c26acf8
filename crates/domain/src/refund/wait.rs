//! When to ask WeChat next about a refund, and when to send one again. Pure, like
//! [`crate::poll`]: the schedule depends on the age alone.

use std::time::Duration;

use super::{Refund, RefundState};
use crate::Millis;

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes.saturating_mul(60))
}

/// Until this age, wait that long. The first four steps are WeChat's: every minute for five
/// minutes, then 5, 10, 20 and 30 minutes. The rest is ours: a bank may take days, and a refund
/// without funds is closed after more than seven.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012075249.
const STEPS: [(Duration, Duration); 6] = [
    (minutes(5), minutes(1)),
    (minutes(10), minutes(5)),
    (minutes(20), minutes(10)),
    (minutes(40), minutes(20)),
    (minutes(24 * 60), minutes(30)),
    (minutes(7 * 24 * 60), minutes(2 * 60)),
];

/// From the eighth day on, for as long as it takes: money on its way is never forgotten.
const LAST_WAIT: Duration = minutes(6 * 60);

/// How long after a refusal WeChat is asked whether it began after all. A call that was on its way
/// is taken within five minutes of its signature; twice that, for the two clocks.
///
/// Source: facts section 2, the answer to a timestamp that is more than five minutes off (P7).
const REFUSAL_DOUBT: Duration = minutes(10);

/// When to ask WeChat, from `now` on, about this refund; `None` when there is nothing to learn.
pub fn next_look(refund: &Refund, now: Millis) -> Option<Millis> {
    match &refund.state {
        RefundState::Requested | RefundState::Processing { .. } | RefundState::Abnormal { .. } => {
            Some(next_query(refund.created_at, now))
        }
        RefundState::Closed {
            refund_id: None,
            closed_at,
            ..
        } => Some(closed_at.plus(REFUSAL_DOUBT)),
        RefundState::Closed { .. } | RefundState::Succeeded { .. } => None,
    }
}

fn next_query(created_at: Millis, now: Millis) -> Millis {
    let age = now.since(created_at);
    let step = STEPS.iter().find(|(until, _)| age < *until);
    now.plus(step.map_or(LAST_WAIT, |(_, wait)| *wait))
}

/// The waits between attempts to have a refund accepted; the last one repeats.
const SUBMIT_WAITS: [Duration; 7] = [
    Duration::from_secs(10),
    Duration::from_secs(30),
    minutes(1),
    minutes(2),
    minutes(5),
    minutes(10),
    minutes(30),
];

/// The waits while the merchant's account has too little money; the last one repeats. WeChat counts
/// failed refunds (six a second), and a person has to act first.
const FUNDS_WAITS: [Duration; 3] = [minutes(10), minutes(30), minutes(60)];

/// When to try again after `attempts` attempts without a certain answer.
pub fn retry_submit(attempts: u32, now: Millis) -> Millis {
    now.plus(waited(&SUBMIT_WAITS, attempts))
}

/// When to try again after `attempts` attempts for which the merchant's money did not suffice.
pub fn retry_without_funds(attempts: u32, now: Millis) -> Millis {
    now.plus(waited(&FUNDS_WAITS, attempts))
}

fn waited(waits: &[Duration], attempts: u32) -> Duration {
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    waits
        .get(index)
        .or(waits.last())
        .copied()
        .unwrap_or(LAST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATED: Millis = Millis(1_000_000);

    /// The schedule of questions about a refund: WeChat's for the first hours, and without an end.
    #[test]
    fn r02_the_ladder_is_wechats_and_never_ends() {
        let mut now = CREATED;
        let mut minutes = Vec::new();
        for _ in 0..12 {
            now = next_query(CREATED, now);
            minutes.push(now.since(CREATED).as_secs() / 60);
        }
        assert_eq!(minutes, [1, 2, 3, 4, 5, 10, 20, 40, 70, 100, 130, 160]);
        let old = CREATED.plus(Duration::from_secs(30 * 86_400));
        assert_eq!(next_query(CREATED, old), old.plus(LAST_WAIT));
    }

    #[test]
    fn sending_again_waits_longer_and_longer() {
        let waits: Vec<u64> = (0..9)
            .map(|n| retry_submit(n, CREATED).since(CREATED).as_secs())
            .collect();
        assert_eq!(waits, [10, 10, 30, 60, 120, 300, 600, 1800, 1800]);
        let waits: Vec<u64> = (1..5)
            .map(|n| retry_without_funds(n, CREATED).since(CREATED).as_secs())
            .collect();
        assert_eq!(waits, [600, 1800, 3600, 3600]);
    }
}
