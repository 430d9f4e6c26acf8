//! Order numbers: time first, so that the database appends instead of scattering.
//!
//! `20261123223841123` (Beijing time to the millisecond) and 11 characters of Crockford base32:
//! 28 characters, within WeChat's 6 to 32. Keys that rise with time cost a quarter of random ones
//! in batched writes, a page by number is a page by time, and a person reads the day off it.

use crate::{Millis, OrderNo};

/// Crockford's base32: no I, L, O or U, so nothing is misread over the telephone.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 11 characters of 5 bits hold 55 bits: two orders of one millisecond meet once in 36 million
/// billion pairs, and then the guarded insert refuses the second.
const CHANCE_CHARS: usize = 11;

/// Makes an order number of the time and 55 of the 64 bits of `entropy`.
pub fn generate(now: Millis, entropy: [u8; 8]) -> OrderNo {
    let mut bits = u64::from_le_bytes(entropy);
    let mut text = time_prefix(now);
    for _ in 0..CHANCE_CHARS {
        let index = usize::try_from(bits & 0x1F).unwrap_or(0);
        text.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'0')));
        bits >>= 5;
    }
    OrderNo::new(text).expect("17 digits and 11 letters or digits are a lawful order number")
}

/// The beginning of every order number made at `at`: `yyyyMMddHHmmssSSS`, Beijing time.
///
/// Also the bound between the numbers made before `at` and those made from then on, which turns a
/// range of time into a range of keys.
pub fn time_prefix(at: Millis) -> String {
    let time = at.beijing();
    let (date, clock) = (time.date(), time.time());
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}{:03}",
        // Years before 0 do not occur; a sign would break the alphabet.
        date.year().max(0),
        date.month(),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second(),
        clock.millisecond(),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_shows_its_time() {
        let number = generate(Millis(1_795_444_721_123), [0xFF; 8]);
        assert_eq!(number.as_str(), "20261123223841123ZZZZZZZZZZZ");
    }

    #[test]
    fn fifty_five_bits_of_chance_are_used() {
        let seen: std::collections::HashSet<OrderNo> = (0..55)
            .map(|bit| generate(Millis(0), (1_u64 << bit).to_le_bytes()))
            .collect();
        assert_eq!(seen.len(), 55);
    }

    /// 1970 to the end of 9999, the years a 4-digit year can order.
    fn times() -> impl Strategy<Value = i64> {
        0..253_370_000_000_000_i64
    }

    proptest! {
        #[test]
        fn a_number_is_lawful(now in any::<i64>(), entropy in any::<[u8; 8]>()) {
            let number = generate(Millis(now), entropy);
            prop_assert_eq!(number.as_str().len(), 28);
            prop_assert!((6..=32).contains(&number.as_str().len()));
            let (time, chance) = number.as_str().split_at(17);
            prop_assert!(time.bytes().all(|byte| byte.is_ascii_digit()));
            prop_assert!(chance.bytes().all(|byte| ALPHABET.contains(&byte)));
        }

        #[test]
        fn a_later_number_sorts_after_an_earlier_one(
            first in times(), second in times(), a in any::<[u8; 8]>(), b in any::<[u8; 8]>(),
        ) {
            prop_assume!(first < second);
            let bound = time_prefix(Millis(second));
            let (first, second) = (generate(Millis(first), a), generate(Millis(second), b));
            prop_assert!(first < second);
            prop_assert!(first.as_str() < bound.as_str());
            prop_assert!(second.as_str() >= bound.as_str());
        }
    }
}
