//! Bills that were held against the books: one run for each day, and what was found.
//!
//! Everything has a key of its own, so that a run which is repeated, or made by two processes at
//! once, lists each difference once, and announces it in the transaction that lists it.

pub mod books;
pub mod differences;
mod strays;

use domain::{BillDay, MchId, Millis};

pub(crate) use strays::STATEMENTS as STRAY_STATEMENTS;
pub use strays::{insert as insert_stray, is_stray};

use crate::{
    Store, StoreError, Tx,
    row::{Columns, Row},
    store::{Read, page_limit},
    tx::Value,
};

pub(crate) const STATEMENTS: &[&str] = &[FINISH, FAIL, GET, LATEST, PAGE];

/// The bill of payments and refunds; the key has room for others.
const TRADE: &str = "trade";

const FINISH: &str = "-- reconciliations.finish
INSERT INTO reconciliations (mch_id, bill_date, bill_kind, state, rows_read, rows_unreadable,
    payments_fen, refunds_fen, detail, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (mch_id, bill_date, bill_kind) DO UPDATE SET state = excluded.state,
    rows_read = excluded.rows_read, rows_unreadable = excluded.rows_unreadable,
    payments_fen = excluded.payments_fen, refunds_fen = excluded.refunds_fen,
    detail = excluded.detail, at = excluded.at";

/// What was done stays done: a later attempt that fails takes nothing back.
const FAIL: &str = "-- reconciliations.fail
INSERT INTO reconciliations (mch_id, bill_date, bill_kind, state, rows_read, rows_unreadable,
    payments_fen, refunds_fen, detail, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (mch_id, bill_date, bill_kind) DO UPDATE SET state = excluded.state,
    detail = excluded.detail, at = excluded.at WHERE reconciliations.state <> 'done'";

const GET: &str = "-- reconciliations.get
SELECT bill_date, mch_id, state, rows_read, rows_unreadable, payments_fen, refunds_fen, detail, at
FROM reconciliations WHERE mch_id = $1 AND bill_kind = $2 AND bill_date = $3";

const LATEST: &str = "-- reconciliations.latest
SELECT bill_date FROM reconciliations
WHERE mch_id = $1 AND bill_kind = $2 AND state = 'done' ORDER BY bill_date DESC LIMIT 1";

const PAGE: &str = "-- reconciliations.page
SELECT bill_date, mch_id, state, rows_read, rows_unreadable, payments_fen, refunds_fen, detail, at
FROM reconciliations WHERE mch_id = $1 AND bill_kind = $2 AND bill_date < $3
ORDER BY bill_date DESC LIMIT $4";

/// Above every day.
const NEWEST: &str = "99999";

/// A bill that was held against the books, or the newest attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// Whose.
    pub mch_id: MchId,
    /// Of which day.
    pub day: BillDay,
    /// How it went.
    pub state: RunState,
    /// Rows of the bill.
    pub rows: i64,
    /// Rows that could not be read.
    pub unreadable: i64,
    /// The sum of all payments in it, in fen. Not an amount of money but a sum of many.
    pub payments_fen: i64,
    /// The sum of all refunds in it, in fen.
    pub refunds_fen: i64,
    /// What a person should know about it; empty when there is nothing.
    pub detail: String,
    /// When it ended.
    pub at: Millis,
}

/// How a run went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Every row was compared.
    Done,
    /// There was no bill to compare; it is tried again.
    Failed,
}

impl RunState {
    /// The word for it in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// Records a run that is done; it replaces what an earlier run of that day recorded.
pub fn finish(tx: &mut Tx, run: &Reconciliation) {
    tx.push(FINISH, columns(run));
}

/// Records a run that failed, unless one of that day is done.
pub fn fail(tx: &mut Tx, run: &Reconciliation) {
    tx.push(FAIL, columns(run));
}

fn columns(run: &Reconciliation) -> [Value; 10] {
    [
        run.mch_id.as_str().into(),
        run.day.to_string().into(),
        TRADE.into(),
        run.state.name().into(),
        run.rows.into(),
        run.unreadable.into(),
        run.payments_fen.into(),
        run.refunds_fen.into(),
        run.detail.as_str().into(),
        run.at.into(),
    ]
}

/// The run of that day.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn get(
    store: &Store,
    mch_id: &MchId,
    day: BillDay,
) -> Result<Option<Reconciliation>, StoreError> {
    let params = [mch_id.as_str().into(), TRADE.into(), day.to_string().into()];
    store.read_one(GET, params).await?.map(decode).transpose()
}

/// The newest day that was compared.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn latest(store: &Store, mch_id: &MchId) -> Result<Option<BillDay>, StoreError> {
    let params = [mch_id.as_str().into(), TRADE.into()];
    let row = store.read_one(LATEST, params).await?;
    row.map(|row| Columns::keyed("reconciliations", row).id("bill_date"))
        .transpose()
}

/// The runs of days before `before`, newest first, at most `limit` and [`crate::PAGE_MAX`].
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn page(
    store: &Store,
    mch_id: &MchId,
    before: Option<BillDay>,
    limit: u32,
) -> Result<Vec<Reconciliation>, StoreError> {
    let before = before.map_or_else(|| NEWEST.to_owned(), |day| day.to_string());
    let params = [
        mch_id.as_str().into(),
        TRADE.into(),
        before.into(),
        page_limit(limit),
    ];
    let rows = store.read(Read::Keyed, PAGE, params).await?;
    rows.into_iter().map(decode).collect()
}

fn decode(row: Row) -> Result<Reconciliation, StoreError> {
    let mut row = Columns::keyed("reconciliations", row);
    Ok(Reconciliation {
        day: row.id("bill_date")?,
        mch_id: row.id("mch_id")?,
        state: match row.text("state")?.as_str() {
            "done" => RunState::Done,
            "failed" => RunState::Failed,
            _ => return Err(row.inconsistent("state")),
        },
        rows: row.int("rows_read")?,
        unreadable: row.int("rows_unreadable")?,
        payments_fen: row.int("payments_fen")?,
        refunds_fen: row.int("refunds_fen")?,
        detail: row.text("detail")?,
        at: row.millis("at")?,
    })
}
