//! Chance that repeats with its seed.
//!
//! Whoever needs chance has a stream of its own, named after what it is for, so that taking one
//! fault away while a failure is shrunk does not throw everybody else's dice anew.

use std::time::Duration;

use domain::{Ids, SeededIds};

/// A stream of dice. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    seed: u64,
    stream: SeededIds,
}

/// The offset and the prime of FNV-1a, which spreads short names well enough.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// Folds bytes into a running FNV-1a.
pub(crate) fn fold(hash: u64, bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
    bytes.iter().fold(hash, step)
}

/// Where a running hash begins.
pub(crate) const EMPTY: u64 = OFFSET;

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            stream: SeededIds::new(seed),
        }
    }

    /// Another stream, which depends on the seed and on its name alone.
    pub(crate) fn named(&self, name: &str) -> Self {
        let seed = fold(fold(EMPTY, &self.seed.to_le_bytes()), name.as_bytes());
        Self::new(seed)
    }

    /// The stream as the server wants it.
    pub(crate) fn ids(&self) -> SeededIds {
        self.stream.clone()
    }

    pub(crate) fn next(&self) -> u64 {
        let mut bytes = [0; 8];
        self.stream.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A number from 0 to `bound`, which is not reached. (The bias of a remainder of 64 bits is far
    /// below anything that matters here.)
    pub(crate) fn below(&self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low).saturating_add(1))
    }

    pub(crate) fn percent(&self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn index(&self, length: usize) -> usize {
        let bound = u64::try_from(length).unwrap_or(u64::MAX);
        usize::try_from(self.below(bound)).unwrap_or_default()
    }

    /// One of them; `None` of none.
    pub(crate) fn pick<'a, T>(&self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.index(from.len()))
    }

    pub(crate) fn seconds(&self, low: u64, high: u64) -> Duration {
        Duration::from_millis(self.between(low.saturating_mul(1000), high.saturating_mul(1000)))
    }

    pub(crate) fn millis(&self, low: u64, high: u64) -> Duration {
        Duration::from_millis(self.between(low, high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_its_name_and_not_on_what_others_drew() {
        let draw = |disturb: bool| {
            let chance = Chance::new(7);
            if disturb {
                chance.next();
            }
            chance.named("database").next()
        };
        assert_eq!(draw(false), draw(true));
        assert_ne!(
            Chance::new(7).named("a").next(),
            Chance::new(7).named("b").next()
        );
    }

    #[test]
    fn bounds_are_kept() {
        let chance = Chance::new(1);
        for _ in 0..1000 {
            assert!((3..=5).contains(&chance.between(3, 5)));
            assert!(chance.below(2) < 2);
        }
        assert!(chance.pick::<u8>(&[]).is_none());
    }
}
