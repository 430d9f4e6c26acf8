//! Differences between bill and books, each listed once and announced once.

use domain::{
    BillDay, DomainEvent, MchId, Millis, RefundNo, event,
    reconcile::{Difference, DifferenceKind, DifferenceState, Subject},
};

use super::TRADE;
use crate::{
    Store, StoreError, Tx,
    row::{Columns, Row},
    store::{Read, page_limit},
    tx::Value,
};

pub(crate) const STATEMENTS: &[&str] = &[
    INSERT,
    SEE,
    REOPEN,
    OPEN,
    ANNOUNCE,
    SETTLE,
    SETTLE_UNSEEN,
    PAGE,
    IN_STATE,
];

const INSERT: &str = "-- differences.insert
INSERT INTO reconciliation_differences (mch_id, bill_date, bill_kind, kind, transaction_id,
    refund_no, order_no, billed_fen, booked_fen, state, found_at, seen_at, event_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (mch_id, bill_date, bill_kind, kind, transaction_id, refund_no) DO NOTHING";

const SEE: &str = "-- differences.see
UPDATE reconciliation_differences SET seen_at = $1
WHERE mch_id = $2 AND bill_date = $3 AND bill_kind = $4 AND kind = $5 AND transaction_id = $6
    AND refund_no = $7 AND seen_at < $1";

/// What had been settled and is there again was told of before.
const REOPEN: &str = "-- differences.reopen
UPDATE reconciliation_differences SET state = 'open', settled_at = NULL
WHERE mch_id = $1 AND bill_date = $2 AND bill_kind = $3 AND kind = $4 AND transaction_id = $5
    AND refund_no = $6 AND state = 'settled' AND event_id <> ''";

/// Ends the wait. Whoever else did so was first, and has told of it.
const OPEN: &str = "-- differences.open
UPDATE reconciliation_differences SET state = 'open', event_id = $1
WHERE mch_id = $2 AND bill_date = $3 AND bill_kind = $4 AND kind = $5 AND transaction_id = $6
    AND refund_no = $7 AND event_id = ''";

/// Announces only what a statement before it listed or opened: a row that was there already carries
/// the event id of then.
const ANNOUNCE: &str = "-- differences.announce
INSERT INTO outbox (mch_id, event_id, order_no, kind, event_schema, event_data, created_at)
SELECT mch_id, event_id, CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS TEXT),
    CAST($5 AS BIGINT)
FROM reconciliation_differences
WHERE mch_id = $6 AND bill_date = $7 AND bill_kind = $8 AND kind = $9 AND transaction_id = $10
    AND refund_no = $11 AND event_id = $12
ON CONFLICT (mch_id, event_id) DO NOTHING";

const SETTLE: &str = "-- differences.settle
UPDATE reconciliation_differences SET state = 'settled', settled_at = $1
WHERE mch_id = $2 AND bill_date = $3 AND bill_kind = $4 AND kind = $5 AND transaction_id = $6
    AND refund_no = $7 AND state <> 'settled'";

const SETTLE_UNSEEN: &str = "-- differences.settle_unseen
UPDATE reconciliation_differences SET state = 'settled', settled_at = $1
WHERE mch_id = $2 AND bill_date = $3 AND bill_kind = $4 AND seen_at < $5 AND state <> 'settled'";

const PAGE: &str = "-- differences.page
SELECT transaction_id, kind, refund_no, order_no, billed_fen, booked_fen, state, found_at,
    settled_at
FROM reconciliation_differences
WHERE mch_id = $1 AND bill_date = $2 AND bill_kind = $3
    AND (kind, transaction_id, refund_no) > ($4, $5, $6)
ORDER BY kind, transaction_id, refund_no LIMIT $7";

const IN_STATE: &str = "-- differences.in_state
SELECT transaction_id, kind, refund_no, order_no, billed_fen, booked_fen, state, found_at,
    settled_at
FROM reconciliation_differences
WHERE mch_id = $1 AND bill_date = $2 AND bill_kind = $3 AND state = $4
    AND (kind, transaction_id, refund_no) > ($5, $6, $7)
ORDER BY kind, transaction_id, refund_no LIMIT $8";

/// A difference on the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What does not agree.
    pub difference: Difference,
    /// Where it stands.
    pub state: DifferenceState,
    /// When it was found first.
    pub found_at: Millis,
    /// Since when bill and books agree.
    pub settled_at: Option<Millis>,
}

/// Where a page ended: kind, payment and refund of its last difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The kind.
    pub kind: String,
    /// The payment.
    pub transaction_id: String,
    /// The refund; empty for a payment.
    pub refund_no: String,
}

impl Listed {
    /// Where a page that ends with this ends.
    pub fn place(&self) -> Place {
        let subject = &self.difference.subject;
        Place {
            kind: self.difference.kind_name().to_owned(),
            transaction_id: subject.transaction_id.as_str().to_owned(),
            refund_no: refund_no(subject).to_owned(),
        }
    }
}

/// Whose bill, and of which day.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// Whose.
    pub mch_id: &'a MchId,
    /// Of which day.
    pub day: BillDay,
}

/// When a difference was found. What a run has found is told from what it has not by when the run
/// began, and not by the clock of the moment, which may be set back meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// When the run began that found it.
    pub begun: Millis,
    /// When it did.
    pub now: Millis,
}

/// Lists a difference and announces it, or lets it wait. What is listed already is neither listed
/// nor announced again: `done.rows("differences.announce")` counts what was.
pub fn insert(tx: &mut Tx, of: Of<'_>, difference: &Difference, waits: bool, seen: Seen) {
    let Seen { begun, now } = seen;
    let event_id = event::difference_event_id(of.day, difference, now);
    let (state, event_id) = if waits {
        (DifferenceState::Waiting, String::new())
    } else {
        (DifferenceState::Open, event_id.into())
    };
    let [mch_id, day, bill, kind, transaction_id, refund_no] = key(of, difference);
    let params = [
        mch_id,
        day,
        bill,
        kind,
        transaction_id,
        refund_no,
        difference.order_no.as_str().into(),
        difference.kind.billed().into(),
        difference.kind.booked().into(),
        state.name().into(),
        now.into(),
        begun.into(),
        event_id.as_str().into(),
    ];
    tx.push(INSERT, params);
    tx.push(SEE, after([begun.into()], key(of, difference)));
    if !waits {
        tx.push(REOPEN, key(of, difference));
        announce(tx, of, difference, &event_id, now);
    }
}

/// Ends the wait of a difference and announces it, unless somebody else did.
pub fn open(tx: &mut Tx, of: Of<'_>, difference: &Difference, now: Millis) {
    let event_id = event::difference_event_id(of.day, difference, now);
    let opened = after([event_id.as_str().into()], key(of, difference));
    tx.push(OPEN, opened);
    announce(tx, of, difference, event_id.as_str(), now);
}

fn announce(tx: &mut Tx, of: Of<'_>, difference: &Difference, event_id: &str, now: Millis) {
    let announcement = DomainEvent::of_difference(of.day, difference, now);
    let [mch_id, day, bill, kind, transaction_id, refund_no] = key(of, difference);
    let params = [
        event::difference_order_no(difference).as_str().into(),
        announcement.kind().into(),
        event::SCHEMA.into(),
        announcement.data().into(),
        now.into(),
        mch_id,
        day,
        bill,
        kind,
        transaction_id,
        refund_no,
        event_id.into(),
    ];
    tx.push(ANNOUNCE, params);
}

/// Notes that bill and books agree by now, or that the matter is on another list.
pub fn settle(tx: &mut Tx, of: Of<'_>, difference: &Difference, now: Millis) {
    tx.push(SETTLE, after([now.into()], key(of, difference)));
}

/// Settles what a run that began at `begun` did not find again.
pub fn settle_unseen(tx: &mut Tx, of: Of<'_>, begun: Millis, now: Millis) {
    let params = [
        now.into(),
        of.mch_id.as_str().into(),
        of.day.to_string().into(),
        TRADE.into(),
        begun.into(),
    ];
    tx.push(SETTLE_UNSEEN, params);
}

fn key(of: Of<'_>, difference: &Difference) -> [Value; 6] {
    let subject = &difference.subject;
    [
        of.mch_id.as_str().into(),
        of.day.to_string().into(),
        TRADE.into(),
        difference.kind_name().into(),
        subject.transaction_id.as_str().into(),
        refund_no(subject).into(),
    ]
}

/// Parameters before a key.
fn after([first]: [Value; 1], key: [Value; 6]) -> [Value; 7] {
    let [a, b, c, d, e, f] = key;
    [first, a, b, c, d, e, f]
}

/// As it stands in a key: a payment has none.
pub(super) fn refund_no(subject: &Subject) -> &str {
    subject.refund_no.as_ref().map_or("", RefundNo::as_str)
}

/// The differences of a day after a place, at most `limit` and [`crate::PAGE_MAX`].
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn page(
    store: &Store,
    of: Of<'_>,
    after: &Place,
    limit: u32,
) -> Result<Vec<Listed>, StoreError> {
    let params = [
        of.mch_id.as_str().into(),
        of.day.to_string().into(),
        TRADE.into(),
        after.kind.as_str().into(),
        after.transaction_id.as_str().into(),
        after.refund_no.as_str().into(),
        page_limit(limit),
    ];
    let rows = store.read(Read::Keyed, PAGE, params).await?;
    rows.into_iter().map(decode).collect()
}

/// Those in one state; else as [`page`].
///
/// # Errors
/// As [`page`].
pub async fn in_state(
    store: &Store,
    of: Of<'_>,
    state: DifferenceState,
    after: &Place,
    limit: u32,
) -> Result<Vec<Listed>, StoreError> {
    let params = [
        of.mch_id.as_str().into(),
        of.day.to_string().into(),
        TRADE.into(),
        state.name().into(),
        after.kind.as_str().into(),
        after.transaction_id.as_str().into(),
        after.refund_no.as_str().into(),
        page_limit(limit),
    ];
    let rows = store.read(Read::Scan, IN_STATE, params).await?;
    rows.into_iter().map(decode).collect()
}

fn decode(row: Row) -> Result<Listed, StoreError> {
    let mut row = Columns::keyed("reconciliation_differences", row);
    let transaction_id = row.id("transaction_id")?;
    let kind = row.text("kind")?;
    let refund_no = row.text("refund_no")?;
    let subject = if refund_no.is_empty() {
        Subject::payment(transaction_id)
    } else {
        let refund_no = RefundNo::new(refund_no).map_err(|_| row.inconsistent("refund_no"))?;
        Subject::refund(transaction_id, refund_no)
    };
    let order_no = row.text("order_no")?;
    let amount = |row: &mut Columns, column| {
        let fen = row.int_or_null(column)?;
        fen.map(fen::Fen::new)
            .transpose()
            .map_err(|_| row.inconsistent(column))
    };
    let billed = amount(&mut row, "billed_fen")?;
    let booked = amount(&mut row, "booked_fen")?;
    let difference = Difference {
        kind: DifferenceKind::from_name(&kind, billed, booked)
            .ok_or_else(|| row.inconsistent("kind"))?,
        subject,
        order_no,
    };
    if difference.kind_name() != kind {
        return Err(row.inconsistent("kind"));
    }
    Ok(Listed {
        difference,
        state: {
            let name = row.text("state")?;
            DifferenceState::from_name(&name).ok_or_else(|| row.inconsistent("state"))?
        },
        found_at: row.millis("found_at")?,
        settled_at: row.millis_or_null("settled_at")?,
    })
}
