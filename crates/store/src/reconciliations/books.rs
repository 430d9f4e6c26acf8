//! What the books have of a day, page by page along its time.

use domain::{
    MchId, Millis, OrderNo, RefundNo, TransactionId,
    reconcile::{BookEntry, Subject},
};

use crate::{
    PAGE_MAX, Store, StoreError,
    row::Columns,
    store::{Read, page_limit},
    tx::Value,
};

pub(crate) const STATEMENTS: &[&str] = &[PAYMENTS, REFUNDS];

const PAYMENTS: &str = "-- books.payments
SELECT order_no, transaction_id, amount_fen, paid_at FROM orders
WHERE mch_id = $1 AND paid_at IS NOT NULL AND (paid_at, order_no) > ($2, $3) AND paid_at < $4
ORDER BY paid_at, order_no LIMIT $5";

/// What WeChat has accepted and not given up: the rest need not be in a bill.
const REFUNDS: &str = "-- books.refunds
SELECT refund_no, order_no, transaction_id, amount_fen, created_at, state FROM refunds
WHERE mch_id = $1 AND (created_at, refund_no) > ($2, $3) AND created_at < $4
ORDER BY created_at, refund_no LIMIT $5";

/// Where a page ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    at: Millis,
    number: String,
}

impl Place {
    /// Before everything that happened at this moment.
    pub const fn before(at: Millis) -> Self {
        Self {
            at,
            number: String::new(),
        }
    }
}

/// A page of the books, and where the next begins; `None` when this was the last.
pub type Page = (Vec<BookEntry>, Option<Place>);

/// The payments that were made after a place and before a moment.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn payments(
    store: &Store,
    mch_id: &MchId,
    after: Place,
    before: Millis,
) -> Result<Page, StoreError> {
    let rows = store
        .read(Read::Keyed, PAYMENTS, span(mch_id, after, before))
        .await?;
    let mut page = Reading::of(rows.len());
    for row in rows {
        let mut row = Columns::keyed("orders", row);
        let order_no: OrderNo = row.id("order_no")?;
        let transaction_id: TransactionId = row.id("transaction_id")?;
        let amount = row.fen("amount_fen")?;
        page.last(row.millis("paid_at")?, order_no.as_str());
        page.entries.push(BookEntry {
            subject: Subject::payment(transaction_id),
            order_no: order_no.into(),
            amount,
        });
    }
    Ok(page.end())
}

/// The refunds that were begun after a place and before a moment, and that WeChat took.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn refunds(
    store: &Store,
    mch_id: &MchId,
    after: Place,
    before: Millis,
) -> Result<Page, StoreError> {
    let rows = store
        .read(Read::Keyed, REFUNDS, span(mch_id, after, before))
        .await?;
    let mut page = Reading::of(rows.len());
    for row in rows {
        let mut row = Columns::keyed("refunds", row);
        let refund_no: RefundNo = row.id("refund_no")?;
        let order_no: OrderNo = row.id("order_no")?;
        let transaction_id: TransactionId = row.id("transaction_id")?;
        let amount = row.fen("amount_fen")?;
        page.last(row.millis("created_at")?, refund_no.as_str());
        if matches!(row.text("state")?.as_str(), "requested" | "closed") {
            continue;
        }
        page.entries.push(BookEntry {
            subject: Subject::refund(transaction_id, refund_no),
            order_no: order_no.into(),
            amount,
        });
    }
    Ok(page.end())
}

/// What both pages are asked for with.
fn span(mch_id: &MchId, after: Place, before: Millis) -> [Value; 5] {
    [
        mch_id.as_str().into(),
        after.at.into(),
        after.number.into(),
        before.into(),
        page_limit(PAGE_MAX),
    ]
}

/// A page while it is read.
struct Reading {
    entries: Vec<BookEntry>,
    is_full: bool,
    place: Option<Place>,
}

impl Reading {
    fn of(rows: usize) -> Self {
        Self {
            entries: Vec::with_capacity(rows),
            is_full: u32::try_from(rows).is_ok_and(|rows| rows >= PAGE_MAX),
            place: None,
        }
    }

    fn last(&mut self, at: Millis, number: &str) {
        let number = number.to_owned();
        self.place = Some(Place { at, number });
    }

    fn end(self) -> Page {
        (self.entries, self.place.filter(|_| self.is_full))
    }
}
