//! A day's bill held against the books.
//!
//! WeChat's bill is the truth about money, and the books are what we sold it for. Whatever is in
//! one and not in the other, or not alike in both, is a [`Difference`]; each is found once, in
//! whichever order the rows come.
//!
//! A [`Comparison`] takes first all rows of the bill, then what the books have of that day, and
//! then what was found out about each row that the day does not explain. It needs the memory of
//! the bill's rows alone: the books pass through it one by one.

mod compare;
mod difference;
mod ladder;
#[cfg(test)]
mod tests;

use fen::Fen;

use crate::{RefundNo, TransactionId};

pub use compare::{Comparison, Found, Outcome};
pub use difference::{Difference, DifferenceKind, DifferenceState};
pub use ladder::{due_days, first_look, next_look};

/// What a row is about: its place in both the bill and the books. A payment is known by WeChat's
/// number, because an order that was paid twice has two; a refund by ours and its payment's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// The payment.
    pub transaction_id: TransactionId,
    /// The refund of it, if it is about one.
    pub refund_no: Option<RefundNo>,
}

impl Subject {
    /// A payment.
    pub const fn payment(transaction_id: TransactionId) -> Self {
        Self {
            transaction_id,
            refund_no: None,
        }
    }

    /// A refund of a payment.
    pub const fn refund(transaction_id: TransactionId, refund_no: RefundNo) -> Self {
        Self {
            transaction_id,
            refund_no: Some(refund_no),
        }
    }

    /// The number by which a person looks for it: of a refund ours, of a payment WeChat's.
    pub fn number(&self) -> &str {
        match &self.refund_no {
            Some(refund_no) => refund_no.as_str(),
            None => self.transaction_id.as_str(),
        }
    }

    /// The word for what it is.
    pub const fn word(&self) -> &'static str {
        match self.refund_no {
            Some(_) => "refund",
            None => "payment",
        }
    }
}

/// A row of the bill, in our words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillEntry {
    /// What it is about.
    pub subject: Subject,
    /// The order as the bill writes it. Not an [`crate::OrderNo`]: everything of the merchant
    /// number is in the bill, and other systems have other rules.
    pub order_no: String,
    /// How much: of a payment the order's total, of a refund what was asked for.
    pub amount: Fen,
}

/// A payment or a refund that the books say has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookEntry {
    /// What it is about.
    pub subject: Subject,
    /// Of which order.
    pub order_no: String,
    /// How much.
    pub amount: Fen,
}

/// Both at once, for bills and books that are small. Of `others`, what the books have of other days
/// (or know and do not claim), only what the bill names is looked at.
pub fn reconcile(
    bill: impl IntoIterator<Item = BillEntry>,
    books: impl IntoIterator<Item = BookEntry>,
    others: &[(Subject, Found)],
) -> Outcome {
    let mut comparison = Comparison::default();
    for entry in bill {
        comparison.bill(entry);
    }
    for entry in books {
        comparison.book(entry);
    }
    for entry in comparison.unexplained() {
        let other = others.iter().find(|(subject, _)| *subject == entry.subject);
        let found = other.map_or(Found::Nothing, |(_, found)| found.clone());
        comparison.found(&entry.subject, found);
    }
    comparison.finish()
}
