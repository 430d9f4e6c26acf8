//! Chance with a seed: the same seed draws the same numbers. (What a run then meets also depends on
//! the machine, as in life; a seed makes it alike, not identical.)

use std::time::Duration;

/// `SplitMix64`: one addition and three multiplications, and good enough to choose what to break.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Another sequence for somebody else, so that one drawing more does not change the other's.
    pub fn branch(&mut self) -> Self {
        Self(self.draw())
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..bound`; 0 when there is nothing to choose from.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw().checked_rem(bound).unwrap_or(0)
    }

    /// Whether something happens that happens so often in a hundred times.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn index(&mut self, length: usize) -> usize {
        let bound = u64::try_from(length).unwrap_or(u64::MAX);
        usize::try_from(self.below(bound)).unwrap_or(0)
    }

    pub fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from.saturating_add(self.below(to.saturating_sub(from))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_another_one_differs() {
        let draw = |seed| -> Vec<u64> {
            let mut chance = Chance::new(seed);
            (0..4).map(|_| chance.draw()).collect()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn choices_stay_within_their_bounds() {
        let mut chance = Chance::new(1);
        assert!((0..1000).all(|_| chance.below(3) < 3));
        assert_eq!((chance.below(0), chance.index(0)), (0, 0));
    }
}
