//! Refunds. `insert` and [`record`] are the only ways to write one, and [`record`] is the only
//! way to move one: with its history, its announcement and its order, or not at all.
//!
//! What an order may still pay back is guarded by the order's own row (`reserve`), in the
//! transaction that inserts the refund. That guard is about money and not about versions, so that
//! refunds which are asked for at the same time and fit together all pass.

mod row;

use domain::{
    DomainEvent, MchId, Millis, Order, OrderNo, OrderState, Refund, RefundNo, RefundState, event,
    refund::{REFUND_WINDOW, REFUNDS_PER_ORDER_MAX},
};
use fen::Fen;

use crate::{
    Store, StoreError, Tx, orders, outbox,
    row::Columns,
    store::{Read, page_limit},
};

pub(crate) const STATEMENTS: &[&str] = &[
    INSERT, RECORD, HISTORY, GET, OF_ORDER, SUCCEEDED, RESERVE, COUNT_IN, FREE, TAKE_AGAIN, ROOM,
];

const INSERT: &str = "-- refunds.insert
INSERT INTO refunds (mch_id, refund_no, order_no, transaction_id, amount_fen, total_fen, reason,
    notify_url, origin, created_at, state, facts, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (mch_id, refund_no) DO NOTHING";

const RECORD: &str = "-- refunds.record
UPDATE refunds SET state = $1, facts = $2, version = version + 1
WHERE mch_id = $3 AND refund_no = $4 AND version = $5";

const HISTORY: &str = "-- refunds.history
INSERT INTO refund_history (mch_id, refund_no, version, facts, cause, at)
VALUES ($1, $2, $3, $4, $5, $6)";

const GET: &str = "-- refunds.get
SELECT refund_no, mch_id, order_no, transaction_id, amount_fen, total_fen, reason, notify_url,
    origin, created_at, state, facts, version
FROM refunds WHERE mch_id = $1 AND refund_no = $2";

const OF_ORDER: &str = "-- refunds.of_order
SELECT refund_no, mch_id, order_no, transaction_id, amount_fen, total_fen, reason, notify_url,
    origin, created_at, state, facts, version
FROM refunds WHERE mch_id = $1 AND order_no = $2 AND refund_no > $3 ORDER BY refund_no LIMIT $4";

const SUCCEEDED: &str = "-- refunds.succeeded
SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) FROM refunds
WHERE mch_id = $1 AND order_no = $2 AND transaction_id = $3 AND state = 'succeeded'";

const RESERVE: &str = "-- refunds.reserve
UPDATE orders SET refund_reserved_fen = refund_reserved_fen + $1, refund_count = refund_count + 1
WHERE mch_id = $2 AND order_no = $3 AND transaction_id = $4
    AND state IN ('paid', 'partially_refunded') AND paid_at > $5 AND refund_count < $6
    AND refund_reserved_fen + $1 <= amount_fen";

const COUNT_IN: &str = "-- refunds.count_in
UPDATE orders SET refund_reserved_fen = refund_reserved_fen + $1, refund_count = refund_count + 1
WHERE mch_id = $2 AND order_no = $3 AND transaction_id = $4";

const FREE: &str = "-- refunds.free
UPDATE orders SET refund_reserved_fen = refund_reserved_fen - $1
WHERE mch_id = $2 AND order_no = $3 AND transaction_id = $4";

const TAKE_AGAIN: &str = "-- refunds.take_again
UPDATE orders SET refund_reserved_fen = refund_reserved_fen + $1
WHERE mch_id = $2 AND order_no = $3 AND transaction_id = $4";

const ROOM: &str = "-- refunds.room
SELECT refund_reserved_fen, refund_count FROM orders WHERE mch_id = $1 AND order_no = $2";

/// What an order has promised to pay back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// All that is not closed.
    pub reserved: Fen,
    /// Every part that was ever asked for: whether WeChat counts those that failed is uncertain.
    pub count: i64,
}

/// Adds a refund that somebody asks for now, and makes room for it. Guarded: misses
/// (`refunds.reserve`) when the order is not paid, was paid a year ago, has too many parts, or has
/// too little left; misses (`refunds.insert`) when the number is taken.
pub fn request(tx: &mut Tx, refund: &Refund) {
    tx.guarded(
        RESERVE,
        [
            refund.amount.into(),
            refund.mch_id.as_str().into(),
            refund.order_no.as_str().into(),
            refund.transaction_id.as_str().into(),
            refund.created_at.minus(REFUND_WINDOW).into(),
            REFUNDS_PER_ORDER_MAX.into(),
        ],
    );
    insert(tx, refund, refund.created_at);
}

/// Adds the refund of a payment that its order does not record, late or second: it takes none of
/// the order's room. Guarded: misses (`refunds.insert`) when it is here already.
pub fn owe(tx: &mut Tx, refund: &Refund) {
    insert(tx, refund, refund.created_at);
}

/// Adds a refund that was begun elsewhere, with what is known of it, and announces it. Its amount
/// is counted whether or not it fits: it is a fact. Guarded: misses when it is here already.
///
/// `order_move` is the order as it was read with what it becomes, when it becomes something.
pub fn import(tx: &mut Tx, refund: &Refund, order_move: Option<(&Order, &OrderState)>) {
    insert(tx, refund, refund.created_at);
    if !is_closed(&refund.state) {
        tx.push(COUNT_IN, of_order(refund));
    }
    announce(tx, refund, refund.created_at);
    if let Some((order, next)) = order_move {
        orders::record(tx, order, next, refund.created_at);
    }
}

/// Moves the refund, writes its history, announces it where somebody waits for it, gives the
/// amount free when it is closed, and moves the order with it. There is no other way to move one.
/// A refund that was closed takes its amount again, whether or not it fits: it is a fact.
///
/// `refund` is the refund as it was read: guarded, and misses when somebody moved it since; so is
/// the order of `order_move`. Returns the refund as it is when the transaction has been committed.
pub fn record(
    tx: &mut Tx,
    refund: &Refund,
    next: &RefundState,
    order_move: Option<(&Order, &OrderState)>,
    at: Millis,
) -> Refund {
    let moved = refund.moved_to(next.clone());
    tx.guarded(
        RECORD,
        [
            next.name().into(),
            row::encode(next).into(),
            refund.mch_id.as_str().into(),
            refund.refund_no.as_str().into(),
            refund.version.into(),
        ],
    );
    append(tx, &moved, at);
    let (was_closed, is_closed) = (is_closed(&refund.state), is_closed(next));
    if is_closed && !was_closed {
        tx.push(FREE, of_order(refund));
    }
    if was_closed && !is_closed {
        tx.push(TAKE_AGAIN, of_order(refund));
    }
    announce(tx, &moved, at);
    if let Some((order, next)) = order_move {
        orders::record(tx, order, next, at);
    }
    moved
}

const fn is_closed(state: &RefundState) -> bool {
    matches!(state, RefundState::Closed { .. })
}

fn insert(tx: &mut Tx, refund: &Refund, at: Millis) {
    debug_assert_eq!(
        refund.version,
        Refund::FIRST_VERSION,
        "a refund begins at its first version"
    );
    tx.guarded(
        INSERT,
        [
            refund.mch_id.as_str().into(),
            refund.refund_no.as_str().into(),
            refund.order_no.as_str().into(),
            refund.transaction_id.as_str().into(),
            refund.amount.into(),
            refund.total.into(),
            refund.reason.as_deref().into(),
            refund.notify_url.as_deref().into(),
            refund.origin.name().into(),
            refund.created_at.into(),
            refund.state.name().into(),
            row::encode(&refund.state).into(),
            refund.version.into(),
        ],
    );
    append(tx, refund, at);
}

fn append(tx: &mut Tx, refund: &Refund, at: Millis) {
    let params = [
        refund.mch_id.as_str().into(),
        refund.refund_no.as_str().into(),
        refund.version.into(),
        row::encode(&refund.state).into(),
        tx.name().into(),
        at.into(),
    ];
    tx.guarded(HISTORY, params);
}

fn announce(tx: &mut Tx, refund: &Refund, at: Millis) {
    if let Some(announcement) = DomainEvent::of_refund(refund) {
        let event_id = event::refund_event_id(refund, at);
        let (mch_id, order_no) = (&refund.mch_id, &refund.order_no);
        outbox::append(tx, mch_id, &event_id, order_no, &announcement, at);
    }
}

fn of_order(refund: &Refund) -> [crate::tx::Value; 4] {
    [
        refund.amount.into(),
        refund.mch_id.as_str().into(),
        refund.order_no.as_str().into(),
        refund.transaction_id.as_str().into(),
    ]
}

/// The refund of this number.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn get(
    store: &Store,
    mch_id: &MchId,
    refund_no: &RefundNo,
) -> Result<Option<Refund>, StoreError> {
    let params = [mch_id.as_str().into(), refund_no.as_str().into()];
    let row = store.read_one(GET, params).await?;
    row.map(row::decode).transpose()
}

/// The refunds of an order after the number `after` (empty for all), by number; at most `limit` and
/// [`crate::PAGE_MAX`].
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn of(
    store: &Store,
    mch_id: &MchId,
    order_no: &OrderNo,
    after: &str,
    limit: u32,
) -> Result<Vec<Refund>, StoreError> {
    let params = [
        mch_id.as_str().into(),
        order_no.as_str().into(),
        after.into(),
        page_limit(limit),
    ];
    let rows = store.read(Read::Keyed, OF_ORDER, params).await?;
    rows.into_iter().map(row::decode).collect()
}

/// What has arrived at the buyer of this refund's payment, this refund not counted unless it is
/// recorded as arrived. In fen; not a [`Fen`], because a contradiction may exceed its bounds.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn succeeded(store: &Store, refund: &Refund) -> Result<i64, StoreError> {
    let params = [
        refund.mch_id.as_str().into(),
        refund.order_no.as_str().into(),
        refund.transaction_id.as_str().into(),
    ];
    match store.read_one(SUCCEEDED, params).await? {
        Some(row) => Columns::new("refunds", refund.refund_no.as_str(), row).int("amount_fen"),
        None => Ok(0),
    }
}

/// What an order has promised to pay back; `None` when there is no such order.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn room(
    store: &Store,
    mch_id: &MchId,
    order_no: &OrderNo,
) -> Result<Option<Room>, StoreError> {
    let params = [mch_id.as_str().into(), order_no.as_str().into()];
    let row = store.read_one(ROOM, params).await?;
    row.map(|row| {
        let mut row = Columns::new("orders", order_no.as_str(), row);
        Ok(Room {
            reserved: row.fen("refund_reserved_fen")?,
            count: row.int("refund_count")?,
        })
    })
    .transpose()
}
