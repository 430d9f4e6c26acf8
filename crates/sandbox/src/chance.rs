//! The one place that asks for randomness.
//!
//! Everything the platform invents (prepay ids, nonces, login codes) comes from here, so that a
//! reader who wonders whether something is predictable has one file to look at.

use std::sync::atomic::{AtomicU64, Ordering};

const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The odd constant of SplitMix64: stepping by it visits every 64-bit number once.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// Where chance comes from. Handed to whoever draws, so that a seed repeats a whole run.
#[derive(Debug, Default)]
pub(crate) enum Chance {
    /// The machine: nobody can tell what comes.
    #[default]
    Machine,
    /// A seed, which gives the same sequence each time; for simulations only.
    Seeded(AtomicU64),
}

impl Chance {
    /// The sequence of this seed, from its beginning.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self::Seeded(AtomicU64::new(seed))
    }

    /// Random bytes by value.
    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// `length` characters of `[0-9A-Za-z]`, as WeChat's nonces look.
    pub(crate) fn letters(&self, length: usize) -> String {
        self.pick(LETTERS, length)
    }

    /// `length` decimal digits.
    pub(crate) fn digits(&self, length: usize) -> String {
        self.pick(&LETTERS[..10], length)
    }

    /// `length` lower-case hex digits.
    pub(crate) fn hex(&self, length: usize) -> String {
        let mut bytes = vec![0; length.div_ceil(2)];
        self.fill(&mut bytes);
        let mut text = hex::encode(bytes);
        text.truncate(length);
        text
    }

    /// A random id in the form of a UUID, as notification ids look in practice.
    pub(crate) fn uuid(&self) -> String {
        uuid::Builder::from_random_bytes(self.bytes())
            .into_uuid()
            .to_string()
    }

    /// The modulo bias of a 62-letter alphabet over a byte does not matter for a test double.
    fn pick(&self, alphabet: &[u8], length: usize) -> String {
        let mut bytes = vec![0; length];
        self.fill(&mut bytes);
        bytes
            .iter()
            .map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()]))
            .collect()
    }

    fn fill(&self, bytes: &mut [u8]) {
        match self {
            Self::Machine => fill_from_machine(bytes),
            Self::Seeded(state) => {
                for chunk in bytes.chunks_mut(8) {
                    chunk.copy_from_slice(&next(state).to_le_bytes()[..chunk.len()]);
                }
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the sandbox's one source of chance"
)]
fn fill_from_machine(bytes: &mut [u8]) {
    aws_lc_rs::rand::fill(bytes).expect("the system's random generator is always there");
}

/// SplitMix64.
fn next(state: &AtomicU64) -> u64 {
    let word = state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_sequence_and_the_machine_does_not() {
        let draw = |chance: Chance| (chance.letters(32), chance.hex(21), chance.uuid());
        assert_eq!(draw(Chance::seeded(7)), draw(Chance::seeded(7)));
        assert_ne!(draw(Chance::seeded(7)), draw(Chance::seeded(8)));
        assert_ne!(draw(Chance::Machine), draw(Chance::Machine));
    }
}
