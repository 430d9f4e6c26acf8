//! What a person must look at, each thing once.

use domain::{DomainEvent, EventId, Exception, ExceptionKind, MchId, OrderNo, event};

use crate::{
    Store, StoreError, Tx,
    row::{Columns, Row},
    store::{Read, page_limit},
};

pub(crate) const STATEMENTS: &[&str] = &[INSERT, ANNOUNCE, PAGE, KNOWS];

const INSERT: &str = "-- exceptions.insert
INSERT INTO exceptions (mch_id, order_no, kind, fact, detail, event_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (mch_id, order_no, kind, fact) DO NOTHING";

/// Announces only what the statement before it inserted: a row that was there already carries the
/// event id of then.
const ANNOUNCE: &str = "-- exceptions.announce
INSERT INTO outbox (mch_id, event_id, order_no, kind, event_schema, event_data, created_at)
SELECT mch_id, event_id, order_no, CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT), at
FROM exceptions
WHERE mch_id = $4 AND order_no = $5 AND kind = $6 AND fact = $7 AND event_id = $8
ON CONFLICT (mch_id, event_id) DO NOTHING";

const PAGE: &str = "-- exceptions.page
SELECT order_no, mch_id, kind, fact, detail, at, event_id FROM exceptions
WHERE mch_id = $1 AND event_id < $2 ORDER BY event_id DESC LIMIT $3";

const KNOWS: &str = "-- exceptions.knows
SELECT kind FROM exceptions WHERE mch_id = $1 AND order_no = $2 AND fact = $3 LIMIT 1";

/// Above every event id: they begin with a year of four digits.
const NEWEST: &str = "99999";

/// Lists something for a person and announces it as `order.exception`. What is listed already is
/// neither listed nor announced again: `done.rows("exceptions.insert")` is then 0.
pub fn insert(tx: &mut Tx, exception: &Exception) {
    let event_id = event::exception_event_id(exception);
    let announcement = DomainEvent::of_exception(exception);
    let insert = [
        exception.mch_id.as_str().into(),
        exception.order_no.as_str().into(),
        exception.kind.name().into(),
        exception.fact.as_str().into(),
        exception.detail.as_str().into(),
        event_id.as_str().into(),
        exception.at.into(),
    ];
    tx.push(INSERT, insert);
    let announce = [
        announcement.kind().into(),
        event::SCHEMA.into(),
        announcement.data().into(),
        exception.mch_id.as_str().into(),
        exception.order_no.as_str().into(),
        exception.kind.name().into(),
        exception.fact.as_str().into(),
        event_id.as_str().into(),
    ];
    tx.push(ANNOUNCE, announce);
}

/// Whether something about this fact of that order is listed, whatever it is.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn knows(
    store: &Store,
    mch_id: &MchId,
    order_no: &OrderNo,
    fact: &str,
) -> Result<bool, StoreError> {
    let params = [
        mch_id.as_str().into(),
        order_no.as_str().into(),
        fact.into(),
    ];
    Ok(store.read_one(KNOWS, params).await?.is_some())
}

/// What is listed, newest first, before the event `before`; at most `limit` and
/// [`crate::PAGE_MAX`]. Each comes with the id of its event, which is the cursor.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn page(
    store: &Store,
    mch_id: &MchId,
    before: Option<&EventId>,
    limit: u32,
) -> Result<Vec<(EventId, Exception)>, StoreError> {
    let before = before.map_or(NEWEST, EventId::as_str);
    let params = [mch_id.as_str().into(), before.into(), page_limit(limit)];
    let rows = store.read(Read::Keyed, PAGE, params).await?;
    rows.into_iter().map(decode).collect()
}

fn decode(row: Row) -> Result<(EventId, Exception), StoreError> {
    let mut row = Columns::keyed("exceptions", row);
    let exception = Exception {
        order_no: row.id("order_no")?,
        mch_id: row.id("mch_id")?,
        kind: {
            let name = row.text("kind")?;
            ExceptionKind::from_name(&name).ok_or_else(|| row.inconsistent("kind"))?
        },
        fact: row.text("fact")?,
        detail: row.text("detail")?,
        at: row.millis("at")?,
    };
    Ok((row.id("event_id")?, exception))
}
