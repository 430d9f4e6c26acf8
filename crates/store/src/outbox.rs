//! Announcements, written in the transaction of the change they announce.
//!
//! The key of an event is its time, its order and what happened ([`domain::event`]), and the
//! history has one row for each version of an order, written by the same guarded transaction: so
//! one change of state has exactly one event.

use domain::{DomainEvent, EventId, MchId, Millis, OrderNo};

use crate::{
    Store, StoreError, Tx,
    row::{Columns, Row},
    store::{Read, page_limit},
};

pub(crate) const STATEMENTS: &[&str] = &[APPEND, PAGE];

const APPEND: &str = "-- outbox.append
INSERT INTO outbox (mch_id, event_id, order_no, kind, event_schema, event_data, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)";

const PAGE: &str = "-- outbox.page
SELECT event_id, mch_id, order_no, kind, event_schema, event_data, created_at FROM outbox
WHERE mch_id = $1 AND event_id > $2 AND event_id < $3 ORDER BY event_id LIMIT $4";

/// An announcement as it lies in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEvent {
    /// Rises with time; what `GET /v1/events?after=` takes.
    pub event_id: EventId,
    /// Whose order it is about.
    pub mch_id: MchId,
    /// The order it is about.
    pub order_no: OrderNo,
    /// `order.paid` and so on.
    pub kind: String,
    /// The form of the data: [`domain::event::SCHEMA`] when it was written.
    pub schema: i64,
    /// The data, as JSON text.
    pub data: String,
    /// When the change happened.
    pub created_at: Millis,
}

/// Writes an announcement. [`crate::orders::record`] and [`crate::exceptions::insert`] do this for
/// their own; other events are the caller's, with an id that rises with time.
pub fn append(
    tx: &mut Tx,
    mch_id: &MchId,
    event_id: &EventId,
    order_no: &OrderNo,
    event: &DomainEvent,
    at: Millis,
) {
    let params = [
        mch_id.as_str().into(),
        event_id.as_str().into(),
        order_no.as_str().into(),
        event.kind().into(),
        domain::event::SCHEMA.into(),
        event.data().into(),
        at.into(),
    ];
    tx.guarded(APPEND, params);
}

/// The events after `after` that happened before `until`, oldest first, at most `limit` and
/// [`crate::PAGE_MAX`].
///
/// An event gets its time before it is committed, so one with an earlier time may appear after
/// one with a later time was read. Whoever follows the outbox sets `until` a few seconds before
/// now, longer than a commit may take and than the clocks of several servers differ.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn page(
    store: &Store,
    mch_id: &MchId,
    after: Option<&EventId>,
    until: Millis,
    limit: u32,
) -> Result<Vec<OutboxEvent>, StoreError> {
    let params = [
        mch_id.as_str().into(),
        after.map_or("", EventId::as_str).into(),
        domain::event::id_bound(until).into(),
        page_limit(limit),
    ];
    let rows = store.read(Read::Keyed, PAGE, params).await?;
    rows.into_iter().map(decode).collect()
}

fn decode(row: Row) -> Result<OutboxEvent, StoreError> {
    let mut row = Columns::keyed("outbox", row);
    Ok(OutboxEvent {
        event_id: row.id("event_id")?,
        mch_id: row.id("mch_id")?,
        order_no: row.id("order_no")?,
        kind: row.text("kind")?,
        schema: row.int("event_schema")?,
        data: row.text("event_data")?,
        created_at: row.millis("created_at")?,
    })
}
