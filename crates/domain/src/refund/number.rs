//! Refund numbers: an order number's form behind an `R`, so that a person sees which is which.

use crate::{Millis, RefundNo, TransactionId, order_no};

/// Makes a refund number of the time and 55 of the 64 bits of `entropy`: 29 characters.
pub fn generate(now: Millis, entropy: [u8; 8]) -> RefundNo {
    RefundNo::new(format!("R{}", order_no::generate(now, entropy)))
        .expect("a letter and an order number are a lawful refund number")
}

/// The number of the refund that pays a late or second payment back. Derived from the payment and
/// not made up, so that the same payment, seen again after a restore from an old backup, is paid
/// back once.
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
        let number = generate(Millis(1_795_444_721_123), [0xFF; 8]);
        assert_eq!(number.as_str(), "R20261123223841123ZZZZZZZZZZZ");
    }
}
