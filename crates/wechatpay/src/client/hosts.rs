//! Which of the two hosts is tried first.

use std::sync::atomic::{AtomicI64, Ordering};

/// How long the main host is passed over after it could not be reached and the backup could, in
/// seconds. To try it costs a buyer the whole time that a connection may take, so it is not tried
/// for every call; and an outage that is over should not be noticed minutes later.
pub const MAIN_HOST_REST_SECONDS: i64 = 30;

/// Until when the main host is passed over, in seconds since 1970; 0 while it can be reached.
#[derive(Default)]
pub(super) struct Hosts {
    rests_until: AtomicI64,
}

impl Hosts {
    /// Whether the next call goes to the main host first. When its rest is over one call tries, and
    /// the others go on as before until that one knows.
    pub(super) fn main_first(&self, now: i64) -> bool {
        let until = self.rests_until.load(Ordering::Relaxed);
        // Nothing is rested, or the clock was set back since: a rest must not last until it has
        // caught up.
        if until == 0 || until.saturating_sub(now) > MAIN_HOST_REST_SECONDS {
            return true;
        }
        now >= until
            && self
                .rests_until
                .compare_exchange(
                    until,
                    now.saturating_add(MAIN_HOST_REST_SECONDS),
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                )
                .is_ok()
    }

    pub(super) fn main_was_reached(&self) {
        self.rests_until.store(0, Ordering::Relaxed);
    }

    pub(super) fn only_backup_was_reached(&self, now: i64) {
        let until = now.saturating_add(MAIN_HOST_REST_SECONDS);
        self.rests_until.store(until, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_tries_the_main_host_when_its_rest_is_over() {
        let hosts = Hosts::default();
        assert!(hosts.main_first(1_000));
        hosts.only_backup_was_reached(1_000);
        assert!(!hosts.main_first(1_000 + MAIN_HOST_REST_SECONDS - 1));
        assert!(hosts.main_first(1_000 + MAIN_HOST_REST_SECONDS));
        assert!(!hosts.main_first(1_000 + MAIN_HOST_REST_SECONDS));
        hosts.main_was_reached();
        assert!(hosts.main_first(1_000 + MAIN_HOST_REST_SECONDS));
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_prolong_a_rest() {
        let hosts = Hosts::default();
        hosts.only_backup_was_reached(1_000_000);
        assert!(hosts.main_first(1_000));
    }
}
