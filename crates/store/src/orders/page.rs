//! Pages of orders, newest first. The number is the cursor and, because it begins with the time,
//! also the range of time.

use domain::{AppId, MchId, Millis, OpenId, Order, OrderNo, order_no};

use super::row;
use crate::{
    Store, StoreError,
    store::{Read, page_limit},
    tx::Value,
};

pub(crate) const STATEMENTS: &[&str] = &[PAGE, OF_BUYER, IN_STATE];

// Each of the three reads along a key. What is not part of that key is compared row by row, with
// an empty text for "any": a parameter that may be NULL has no type PostgreSQL could guess.

const PAGE: &str = "-- orders.page
SELECT order_no, mch_id, app_id, openid, amount_fen, description, notify_url, metadata,
    created_at, expires_at, state, version, prepay_id, prepay_issued_at, transaction_id, paid_at,
    refunded_fen, closed_at
FROM orders WHERE mch_id = $1 AND order_no >= $2 AND order_no < $3 AND ($4 = '' OR app_id = $4)
ORDER BY order_no DESC LIMIT $5";

const OF_BUYER: &str = "-- orders.page_of_buyer
SELECT order_no, mch_id, app_id, openid, amount_fen, description, notify_url, metadata,
    created_at, expires_at, state, version, prepay_id, prepay_issued_at, transaction_id, paid_at,
    refunded_fen, closed_at
FROM orders WHERE mch_id = $1 AND openid = $2 AND order_no >= $3 AND order_no < $4
    AND ($5 = '' OR app_id = $5) AND ($6 = '' OR state = $6)
ORDER BY order_no DESC LIMIT $7";

const IN_STATE: &str = "-- orders.page_in_state
SELECT order_no, mch_id, app_id, openid, amount_fen, description, notify_url, metadata,
    created_at, expires_at, state, version, prepay_id, prepay_issued_at, transaction_id, paid_at,
    refunded_fen, closed_at
FROM orders WHERE mch_id = $1 AND state = $2 AND order_no >= $3 AND order_no < $4
    AND ($5 = '' OR app_id = $5)
ORDER BY order_no DESC LIMIT $6";

/// Above every order number of ours: they begin with a year of four digits.
const NEWEST: &str = "99999";

/// Which orders of a merchant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this buyer's.
    pub openid: Option<OpenId>,
    /// Only those of this app.
    pub app_id: Option<AppId>,
    /// Only those in the state of this [`domain::OrderState::name`]. An unknown name has none.
    pub state: Option<String>,
    /// Only those placed at this time or later, by their number.
    pub from: Option<Millis>,
    /// Only those placed before this time, by their number.
    pub to: Option<Millis>,
}

/// The orders older than `after`, newest first, at most `limit` and [`crate::PAGE_MAX`].
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn page(
    store: &Store,
    mch_id: &MchId,
    filter: &Filter,
    after: Option<&OrderNo>,
    limit: u32,
) -> Result<Vec<Order>, StoreError> {
    let mch_id = Value::from(mch_id.as_str());
    let oldest = Value::from(filter.from.map(order_no::time_prefix).unwrap_or_default());
    let newest = newest(filter, after);
    let app_id = Value::from(filter.app_id.as_ref().map_or("", AppId::as_str));
    let state = Value::from(filter.state.as_deref().unwrap_or_default());
    let limit = page_limit(limit);
    let read = if filter.app_id.is_none() {
        Read::Keyed
    } else {
        Read::Scan
    };
    let rows = match (&filter.openid, &filter.state) {
        (Some(openid), _) => {
            let openid = openid.as_str().into();
            let params = [mch_id, openid, oldest, newest, app_id, state, limit];
            // One buyer's orders are few enough to look at each.
            store.read(Read::Keyed, OF_BUYER, params).await?
        }
        (None, Some(_)) => {
            let params = [mch_id, state, oldest, newest, app_id, limit];
            store.read(read, IN_STATE, params).await?
        }
        (None, None) => {
            let params = [mch_id, oldest, newest, app_id, limit];
            store.read(read, PAGE, params).await?
        }
    };
    rows.into_iter().map(row::decode).collect()
}

/// The number below which to begin: the cursor or the end of the range, whichever is older.
fn newest(filter: &Filter, after: Option<&OrderNo>) -> Value {
    let end = filter.to.map(order_no::time_prefix);
    let cursor = after.map(OrderNo::as_str);
    match (&end, cursor) {
        (Some(end), Some(cursor)) => end.as_str().min(cursor).into(),
        (Some(end), None) => end.as_str().into(),
        (None, Some(cursor)) => cursor.into(),
        (None, None) => NEWEST.into(),
    }
}
