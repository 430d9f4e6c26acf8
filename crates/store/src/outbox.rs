//! Announcements, written in the transaction of the change they announce.
//!
//! The key of an event is its time, its order and what happened ([`domain::event`]), and the
//! history has one row for each version of an order, written by the same guarded transaction: so
//! one change of state has exactly one event.
//!
//! An event is not in order while it is committed: one with an earlier time may be committed later.
//! So a reader does not go by times. Each event is given a *position*, one after the other, by a
//! transaction that moves the merchant's counter; it can be read from then on, and positions have
//! no gaps. Whoever goes on from the last position he saw misses nothing and repeats nothing.

use domain::{DomainEvent, EventId, MchId, Millis, OrderNo};

use crate::{
    Store, StoreError, Tx,
    row::{Columns, Row},
    store::{Read, page_limit},
};

pub(crate) const STATEMENTS: &[&str] = &[
    APPEND,
    PAGE,
    GET,
    LAST_POSITION,
    UNPLACED,
    BEGIN_POSITIONS,
    MOVE_POSITION,
    PLACE,
    PLACED,
];

const APPEND: &str = "-- outbox.append
INSERT INTO outbox (mch_id, event_id, order_no, kind, event_schema, event_data, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)";

const PAGE: &str = "-- outbox.page
SELECT event_id, mch_id, order_no, kind, event_schema, event_data, created_at FROM outbox
WHERE mch_id = $1 AND event_id > $2 AND event_id < $3 ORDER BY event_id LIMIT $4";

const GET: &str = "-- outbox.get
SELECT event_id, mch_id, order_no, kind, event_schema, event_data, created_at, position FROM outbox
WHERE mch_id = $1 AND event_id = $2";

const LAST_POSITION: &str = "-- outbox.last_position
SELECT last_position FROM event_positions WHERE mch_id = $1";

const UNPLACED: &str = "-- outbox.unplaced
SELECT event_id FROM outbox WHERE mch_id = $1 AND position IS NULL ORDER BY event_id LIMIT $2";

const BEGIN_POSITIONS: &str = "-- outbox.begin_positions
INSERT INTO event_positions (mch_id, last_position) VALUES ($1, 0)
ON CONFLICT (mch_id) DO NOTHING";

/// Whoever else places events waits here, and then finds the counter moved: so positions become
/// visible in their order.
const MOVE_POSITION: &str = "-- outbox.move_position
UPDATE event_positions SET last_position = $1 WHERE mch_id = $2 AND last_position = $3";

const PLACE: &str = "-- outbox.place
UPDATE outbox SET position = $1 WHERE mch_id = $2 AND event_id = $3 AND position IS NULL";

const PLACED: &str = "-- outbox.placed
SELECT event_id, mch_id, order_no, kind, event_schema, event_data, created_at, position FROM outbox
WHERE mch_id = $1 AND position > $2 ORDER BY position LIMIT $3";

/// How often [`place`] begins again because somebody else placed events first. Each miss means that
/// they made progress, and what they placed is placed.
const PLACE_ROUNDS: u32 = 8;

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

/// An announcement that can be read in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedEvent {
    /// One more than that of the event before it; the first has 1.
    pub position: i64,
    /// The announcement.
    pub event: OutboxEvent,
}

/// The event of this id, and its position when it has one.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn get(
    store: &Store,
    mch_id: &MchId,
    event_id: &EventId,
) -> Result<Option<(OutboxEvent, Option<i64>)>, StoreError> {
    let params = [mch_id.as_str().into(), event_id.as_str().into()];
    let Some(row) = store.read_one(GET, params).await? else {
        return Ok(None);
    };
    let mut row = Columns::keyed("outbox", row);
    Ok(Some((event_of(&mut row)?, row.int_or_null("position")?)))
}

/// The position of the newest event that has one; 0 when none has.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn last_position(store: &Store, mch_id: &MchId) -> Result<i64, StoreError> {
    Ok(counter(store, mch_id).await?.unwrap_or(0))
}

async fn counter(store: &Store, mch_id: &MchId) -> Result<Option<i64>, StoreError> {
    let row = store
        .read_one(LAST_POSITION, [mch_id.as_str().into()])
        .await?;
    row.map(|row| Columns::keyed("event_positions", row).int("last_position"))
        .transpose()
}

/// Gives positions to events that have none, the earliest first, at most `limit` and
/// [`crate::PAGE_MAX`]. Returns how many it placed; fewer than `limit` says that there are no more.
/// Writes nothing when all are placed. Safe to repeat and to run from several processes at once.
///
/// # Errors
/// Those of [`Store::run`]; a missed guard when others were faster several times in a row.
pub async fn place(store: &Store, mch_id: &MchId, limit: u32) -> Result<u32, StoreError> {
    let mut rounds = 1;
    loop {
        match place_once(store, mch_id, limit).await {
            Err(StoreError::GuardMissed { .. }) if rounds < PLACE_ROUNDS => rounds += 1,
            outcome => return outcome,
        }
    }
}

async fn place_once(store: &Store, mch_id: &MchId, limit: u32) -> Result<u32, StoreError> {
    // The counter is read first: whoever places something in between moves it, and the guard sees.
    let counter = counter(store, mch_id).await?;
    let params = [mch_id.as_str().into(), page_limit(limit)];
    let rows = store.read(Read::Keyed, UNPLACED, params).await?;
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    if count == 0 {
        return Ok(0);
    }
    let mut tx = Tx::new("place_events");
    if counter.is_none() {
        tx.push(BEGIN_POSITIONS, [mch_id.as_str().into()]);
    }
    let from = counter.unwrap_or(0);
    let to = from.saturating_add(i64::from(count));
    tx.guarded(
        MOVE_POSITION,
        [to.into(), mch_id.as_str().into(), from.into()],
    );
    for (position, row) in (from.saturating_add(1)..).zip(rows) {
        let event_id = Columns::keyed("outbox", row).text("event_id")?;
        let params = [position.into(), mch_id.as_str().into(), event_id.into()];
        tx.guarded(PLACE, params);
    }
    store.run(tx).await.map(|_| count)
}

/// The events after this position, in order, at most `limit` and [`crate::PAGE_MAX`]. Only placed
/// ones: [`place`] comes first.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn placed(
    store: &Store,
    mch_id: &MchId,
    after: i64,
    limit: u32,
) -> Result<Vec<PlacedEvent>, StoreError> {
    let params = [mch_id.as_str().into(), after.into(), page_limit(limit)];
    let rows = store.read(Read::Keyed, PLACED, params).await?;
    let decode = |row| {
        let mut row = Columns::keyed("outbox", row);
        let event = event_of(&mut row)?;
        let position = row.int("position")?;
        Ok(PlacedEvent { position, event })
    };
    rows.into_iter().map(decode).collect()
}

fn decode(row: Row) -> Result<OutboxEvent, StoreError> {
    event_of(&mut Columns::keyed("outbox", row))
}

fn event_of(row: &mut Columns) -> Result<OutboxEvent, StoreError> {
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
