//! What happened to an order, one row for each version.

use domain::{MchId, Millis, Order, OrderNo, OrderState};

use crate::{
    Store, StoreError, Tx,
    row::{Columns, Row},
    store::{Read, page_limit},
};

pub(crate) const STATEMENTS: &[&str] = &[APPEND, LIST];

const APPEND: &str = "-- history.append
INSERT INTO order_history (mch_id, order_no, version, state, cause, at)
VALUES ($1, $2, $3, $4, $5, $6)";

const LIST: &str = "-- history.list
SELECT order_no, version, state, cause, at FROM order_history
WHERE mch_id = $1 AND order_no = $2 AND version > $3 ORDER BY version LIMIT $4";

/// One version of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its version; without gaps from [`Order::FIRST_VERSION`].
    pub version: i64,
    /// The state it had from then on, with its facts.
    pub state: OrderState,
    /// The name of the transaction that brought it there.
    pub cause: String,
    /// When.
    pub at: Millis,
}

/// Writes down that the order now is what it is. Only [`crate::orders`] calls this.
pub(crate) fn append(tx: &mut Tx, order: &Order, at: Millis) {
    let params = [
        order.mch_id.as_str().into(),
        order.order_no.as_str().into(),
        order.version.into(),
        encode(&order.state).into(),
        tx.name().into(),
        at.into(),
    ];
    tx.guarded(APPEND, params);
}

/// The versions of an order after `after` (0 for all), oldest first, at most `limit` and
/// [`crate::PAGE_MAX`].
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn list(
    store: &Store,
    mch_id: &MchId,
    order_no: &OrderNo,
    after: i64,
    limit: u32,
) -> Result<Vec<Change>, StoreError> {
    let params = [
        mch_id.as_str().into(),
        order_no.as_str().into(),
        after.into(),
        page_limit(limit),
    ];
    let rows = store.read(Read::Keyed, LIST, params).await?;
    rows.into_iter().map(decode).collect()
}

fn encode(state: &OrderState) -> String {
    serde_json::to_string(state).expect("texts and numbers in named fields are always JSON")
}

fn decode(row: Row) -> Result<Change, StoreError> {
    let mut row = Columns::keyed("order_history", row);
    row.text("order_no")?;
    let version = row.int("version")?;
    let state = row.text("state")?;
    let state = serde_json::from_str(&state).map_err(|_| row.inconsistent("state"))?;
    Ok(Change {
        version,
        state,
        cause: row.text("cause")?,
        at: row.millis("at")?,
    })
}
