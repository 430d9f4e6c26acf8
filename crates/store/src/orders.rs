//! Orders. [`insert`] and [`record`] are the only ways to write one, and [`record`] is the only
//! way to move one: with its history and its announcement, or not at all.

mod page;
mod row;

use domain::{DomainEvent, MchId, Millis, Order, OrderNo, OrderState, event};

pub(crate) use page::STATEMENTS as PAGE_STATEMENTS;
pub use page::{Filter, page};

use crate::{Store, StoreError, Tx, history, outbox, tx::Value};

pub(crate) const STATEMENTS: &[&str] = &[INSERT, RECORD, GET];

const INSERT: &str = "-- orders.insert
INSERT INTO orders (mch_id, order_no, app_id, openid, amount_fen, description, notify_url,
    metadata, created_at, expires_at, state, version, prepay_id, prepay_issued_at, transaction_id,
    paid_at, refunded_fen, closed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
ON CONFLICT (mch_id, order_no) DO NOTHING";

const RECORD: &str = "-- orders.record
UPDATE orders SET state = $1, prepay_id = $2, prepay_issued_at = $3, transaction_id = $4,
    paid_at = $5, refunded_fen = $6, closed_at = $7, version = version + 1
WHERE mch_id = $8 AND order_no = $9 AND version = $10";

const GET: &str = "-- orders.get
SELECT order_no, mch_id, app_id, openid, amount_fen, description, notify_url, metadata,
    created_at, expires_at, state, version, prepay_id, prepay_issued_at, transaction_id, paid_at,
    refunded_fen, closed_at
FROM orders WHERE mch_id = $1 AND order_no = $2";

/// Adds an order that was just placed, and the first line of its history. Guarded: misses when
/// the number is taken.
pub fn insert(tx: &mut Tx, order: &Order) {
    debug_assert_eq!(
        order.version,
        Order::FIRST_VERSION,
        "an order begins at its first version"
    );
    let [
        state,
        prepay_id,
        prepay_issued_at,
        transaction_id,
        paid_at,
        refunded,
        closed_at,
    ] = facts(&order.state, order.refunded());
    let params = [
        order.mch_id.as_str().into(),
        order.order_no.as_str().into(),
        order.app_id.as_str().into(),
        order.openid.as_str().into(),
        order.amount.into(),
        order.description.as_str().into(),
        order.notify_url.as_str().into(),
        order.metadata.as_deref().into(),
        order.created_at.into(),
        order.expires_at.into(),
        state,
        order.version.into(),
        prepay_id,
        prepay_issued_at,
        transaction_id,
        paid_at,
        refunded,
        closed_at,
    ];
    tx.guarded(INSERT, params);
    history::append(tx, order, order.created_at);
}

/// Moves the order, writes its history, and announces it where somebody waits for it. There is no
/// other way to move one.
///
/// `order` is the order as it was read: guarded, and misses when somebody moved it since. Returns
/// the order as it is when the transaction has been committed.
pub fn record(tx: &mut Tx, order: &Order, next: &OrderState, at: Millis) -> Order {
    let moved = order.moved_to(next.clone());
    let [
        state,
        prepay_id,
        prepay_issued_at,
        transaction_id,
        paid_at,
        refunded,
        closed_at,
    ] = facts(next, moved.refunded());
    let params = [
        state,
        prepay_id,
        prepay_issued_at,
        transaction_id,
        paid_at,
        refunded,
        closed_at,
        order.mch_id.as_str().into(),
        order.order_no.as_str().into(),
        order.version.into(),
    ];
    tx.guarded(RECORD, params);
    history::append(tx, &moved, at);
    if let Some(announcement) = DomainEvent::of(&moved) {
        let event_id = event::order_event_id(&moved, at);
        outbox::append(
            tx,
            &moved.mch_id,
            &event_id,
            &moved.order_no,
            &announcement,
            at,
        );
    }
    moved
}

/// The order of this number.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn get(
    store: &Store,
    mch_id: &MchId,
    order_no: &OrderNo,
) -> Result<Option<Order>, StoreError> {
    let row = store
        .read_one(GET, [mch_id.as_str().into(), order_no.as_str().into()])
        .await?;
    row.map(row::decode).transpose()
}

/// The columns of a state; what it does not know is NULL. The history keeps what a later state
/// leaves out.
fn facts(state: &OrderState, refunded: fen::Fen) -> [Value; 7] {
    let (prepay_id, prepay_issued_at) = match state {
        OrderState::AwaitingPayment { prepay } => {
            (prepay.prepay_id.as_str().into(), prepay.issued_at.into())
        }
        OrderState::Created
        | OrderState::Paid { .. }
        | OrderState::PartiallyRefunded { .. }
        | OrderState::Refunded { .. }
        | OrderState::Closed { .. } => (Value::Null, Value::Null),
    };
    let closed_at = match state {
        OrderState::Closed { closed_at } => (*closed_at).into(),
        OrderState::Created
        | OrderState::AwaitingPayment { .. }
        | OrderState::Paid { .. }
        | OrderState::PartiallyRefunded { .. }
        | OrderState::Refunded { .. } => Value::Null,
    };
    let payment = state.payment();
    [
        state.name().into(),
        prepay_id,
        prepay_issued_at,
        payment
            .map(|payment| payment.transaction_id.as_str())
            .into(),
        payment.map(|payment| payment.paid_at).into(),
        refunded.into(),
        closed_at,
    ]
}
