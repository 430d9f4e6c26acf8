//! The two sources of surprise, time and chance, each with a double that tests can steer.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};
use std::time::Duration;

use crate::Millis;

/// Tells the time. The program's own clock lives in `server`; nothing in this crate reads one.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Millis;
}

/// Gives out chance, for order numbers, tokens and leases.
pub trait Ids: Send + Sync + 'static {
    /// Fills the whole buffer with bytes that cannot be guessed.
    fn fill(&self, bytes: &mut [u8]);
}

/// A clock that moves only when it is told to. Clones share the time.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn new(now: Millis) -> Self {
        Self(Arc::new(AtomicI64::new(now.0)))
    }

    /// Moves the clock, also backwards.
    pub fn set(&self, now: Millis) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Moves the clock forward.
    pub fn advance(&self, duration: Duration) {
        self.set(self.now().plus(duration));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}

/// Chance that repeats with its seed, for tests and simulations only. Clones share the sequence.
#[derive(Clone, Debug)]
pub struct SeededIds(Arc<AtomicU64>);

/// The odd constant of SplitMix64: stepping by it visits every 64-bit number once.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl SeededIds {
    /// Starts the sequence of this seed.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seed)))
    }

    fn next(&self) -> u64 {
        let mut word = self.0.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }
}

impl Ids for SeededIds {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            for (byte, random) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *byte = random;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_for_all_its_holders() {
        let clock = ManualClock::new(Millis(1000));
        let held = clock.clone();
        clock.advance(Duration::from_secs(2));
        assert_eq!(held.now(), Millis(3000));
    }

    #[test]
    fn a_seed_repeats_its_sequence_and_another_does_not() {
        let draw = |seed| {
            let mut bytes = [0; 19];
            SeededIds::new(seed).fill(&mut bytes);
            bytes
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }
}
