//! Refund numbers: an order number's form behind an `R`, so that a person sees which is which.

use crate::{Millis, RefundNo, order_no};

/// Makes a refund number of the time and 55 of the 64 bits of `entropy`: 29 characters.
pub fn generate(now: Millis, entropy: [u8; 8]) -> RefundNo {
    RefundNo::new(format!("R{}", order_no::generate(now, entropy)))
        .expect("a letter and an order number are a lawful refund number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_shows_its_kind_and_its_time() {
        let number = generate(Millis(1_795_444_721_123), [0xFF; 8]);
        assert_eq!(number.as_str(), "R20261123223841123ZZZZZZZZZZZ");
    }
}
