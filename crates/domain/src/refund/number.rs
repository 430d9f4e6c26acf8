//! Refund numbers: an order number's form behind an `R`, so that a person sees which is which.
//!
//! All are derived and none is made up. A database that was restored from an old backup knows
//! nothing of the refunds since; whoever asks for one of them again gets its number again, and
//! WeChat pays a number back once.

use crate::{Millis, RefundNo, TransactionId, order_no};

/// The number of the refund that a merchant's system asks for: the time of the order whose money it
/// is, and 55 bits of a digest of who asks for what under which key. 29 characters.
///
/// The time first, so that the database appends more than it scatters: most refunds are of orders
/// of the last days.
pub fn of_request(ordered_at: Millis, digest: [u8; 8]) -> RefundNo {
    RefundNo::new(format!("R{}", order_no::generate(ordered_at, digest)))
        .expect("a letter and an order number are a lawful refund number")
}

/// The number of the refund that pays a late or second payment back.
pub fn of_late_payment(transaction_id: &TransactionId) -> RefundNo {
    RefundNo::new(format!("L{transaction_id}"))
        .expect("a letter and up to 32 letters or digits are a lawful refund number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_payment_has_one_refund_number() {
        let longest = TransactionId::new("9".repeat(32)).unwrap();
        assert_eq!(of_late_payment(&longest).as_str().len(), 33);
        assert_eq!(of_late_payment(&longest), of_late_payment(&longest));
    }

    #[test]
    fn a_number_shows_its_kind_and_its_time() {
        let number = of_request(Millis(1_795_444_721_123), [0xFF; 8]);
        assert_eq!(number.as_str(), "R20261123223841123ZZZZZZZZZZZ");
    }
}
