//! One bucket for each caller, in bounded memory.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::Millis;

use super::bucket::{Bucket, Left, Rate};

/// How many callers are remembered in each of two generations. At some hundred bytes each, both
/// together take a few MiB, and no more whatever an attacker does with addresses and tokens.
const CALLERS_MAX: usize = 32 * 1024;

/// Buckets by caller. Callers are kept in two generations: whoever calls is in the young one, and
/// whoever has not called since the last change of generations is in the old one, which the next
/// change forgets. So the idle go first and nothing has to be searched for.
pub(super) struct Keyed<K> {
    rate: Rate,
    generations: Mutex<Generations<K>>,
}

struct Generations<K> {
    young: HashMap<K, Bucket>,
    old: HashMap<K, Bucket>,
    changed_at: Millis,
}

impl<K: Eq + Hash> Keyed<K> {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            rate,
            generations: Mutex::new(Generations {
                young: HashMap::new(),
                old: HashMap::new(),
                changed_at: Millis(0),
            }),
        }
    }

    pub(super) fn take(&self, caller: K, now: Millis) -> Result<Left, Duration> {
        let mut generations = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        generations.change_when_due(self.rate.refill(), now);
        let earlier = generations.old.remove(&caller).unwrap_or_default();
        let bucket = generations.young.entry(caller).or_insert(earlier);
        bucket.take(self.rate, 0, now)
    }
}

impl<K: Eq + Hash> Generations<K> {
    /// After a refill a bucket that nobody took from is full, so that forgetting it changes
    /// nothing. When there are too many callers for that, the idlest half gets full buckets early:
    /// a limit per caller is no defence against as many callers as that in any case.
    fn change_when_due(&mut self, refill: Duration, now: Millis) {
        let since = now.since(self.changed_at);
        let due = since >= refill || now < self.changed_at;
        if due || self.young.len() >= CALLERS_MAX {
            self.old = std::mem::take(&mut self.young);
            self.changed_at = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Millis = Millis(1_800_000_000_000);

    fn remembered(keyed: &Keyed<u64>) -> usize {
        let generations = keyed.generations.lock().unwrap();
        generations.young.len() + generations.old.len()
    }

    #[test]
    fn callers_do_not_take_from_each_other() {
        let keyed = Keyed::new(Rate::new(1, 2));
        for _ in 0..2 {
            assert!(keyed.take(1, NOON).is_ok());
        }
        assert!(keyed.take(1, NOON).is_err());
        assert!(keyed.take(2, NOON).is_ok());
    }

    /// However many callers there are, no more than two generations of them are remembered, and one
    /// who keeps calling is among them.
    #[test]
    fn n11_a_million_addresses_take_bounded_memory_and_free_nobody_who_keeps_calling() {
        let keyed = Keyed::new(Rate::new(1, 2));
        while keyed.take(0, NOON).is_ok() {}
        for stranger in 1..1_000_000 {
            let _outcome = keyed.take(stranger, NOON);
            if stranger % 1_000 == 0 {
                assert!(keyed.take(0, NOON).is_err(), "after {stranger}");
            }
        }
        assert!(remembered(&keyed) <= 2 * CALLERS_MAX);
    }

    #[test]
    fn the_idle_are_forgotten_after_two_refills() {
        let rate = Rate::new(10, 20);
        let keyed = Keyed::new(rate);
        for caller in 0..1_000 {
            let _outcome = keyed.take(caller, NOON);
        }
        for refills in 1..=2 {
            let _outcome = keyed.take(0, NOON.plus(rate.refill() * refills));
        }
        assert_eq!(remembered(&keyed), 1);
    }

    #[test]
    fn a_change_of_generations_forgets_no_debt() {
        let rate = Rate::new(1, 10);
        let keyed = Keyed::new(rate);
        let late = NOON.plus(rate.refill() - Duration::from_millis(1));
        let _outcome = keyed.take(9, NOON);
        while keyed.take(1, late).is_ok() {}
        let changed = NOON.plus(rate.refill());
        let _outcome = keyed.take(9, changed);
        assert!(keyed.take(1, changed).is_err());
    }
}
