//! Notifications as they came: the raw body and the headers that were signed over, kept before
//! WeChat is told that they arrived.

use domain::{MchId, Millis, OrderNo};

use crate::{
    Store, StoreError, Tx,
    row::{Columns, Row},
    store::{Read, page_limit},
};

pub(crate) const STATEMENTS: &[&str] = &[INSERT, OF_ORDER, PRUNE];

const INSERT: &str = "-- inbox.insert
INSERT INTO inbox (mch_id, order_no, notification_id, event_type, serial, signature_timestamp,
    nonce, signature, body, received_at, outcome)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (mch_id, order_no, notification_id) DO NOTHING";

const OF_ORDER: &str = "-- inbox.of_order
SELECT order_no, mch_id, notification_id, event_type, serial, signature_timestamp, nonce,
    signature, body, received_at, outcome
FROM inbox WHERE mch_id = $1 AND order_no = $2 AND notification_id > $3
ORDER BY notification_id LIMIT $4";

const PRUNE: &str = "-- inbox.prune
DELETE FROM inbox WHERE mch_id = $1 AND (order_no, notification_id) IN (
    SELECT order_no, notification_id FROM inbox WHERE mch_id = $1 AND received_at < $2
    ORDER BY received_at LIMIT $3)";

/// A notification. `Debug` shows neither body nor signature.
#[derive(Clone, PartialEq, Eq)]
pub struct InboxEntry {
    /// The merchant it was sent to.
    pub mch_id: MchId,
    /// The order it is about, where it is about one.
    pub order_no: Option<OrderNo>,
    /// WeChat's id, the same in every attempt to deliver it.
    pub notification_id: String,
    /// `TRANSACTION.SUCCESS` and so on.
    pub event_type: String,
    /// `Wechatpay-Serial`: whose signature it is.
    pub serial: String,
    /// `Wechatpay-Timestamp`, as it came.
    pub timestamp: String,
    /// `Wechatpay-Nonce`, as it came.
    pub nonce: String,
    /// `Wechatpay-Signature`, as it came.
    pub signature: String,
    /// The body, byte for byte; still encrypted.
    pub body: Vec<u8>,
    /// When it came.
    pub received_at: Millis,
    /// What was done with it, in one word.
    pub outcome: String,
}

impl std::fmt::Debug for InboxEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InboxEntry")
            .field("notification_id", &self.notification_id)
            .field("event_type", &self.event_type)
            .field("order_no", &self.order_no)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

/// Keeps a notification. One that was kept before stays as it was: `done.rows("inbox.insert")` is
/// then 0.
pub fn insert(tx: &mut Tx, entry: &InboxEntry) {
    let params = [
        entry.mch_id.as_str().into(),
        key_of(entry.order_no.as_ref()).into(),
        entry.notification_id.as_str().into(),
        entry.event_type.as_str().into(),
        entry.serial.as_str().into(),
        entry.timestamp.as_str().into(),
        entry.nonce.as_str().into(),
        entry.signature.as_str().into(),
        entry.body.clone().into(),
        entry.received_at.into(),
        entry.outcome.as_str().into(),
    ];
    tx.push(INSERT, params);
}

/// The notifications about an order (`None`: about none) after the one of id `after` (empty for
/// all), by id, at most `limit` and [`crate::PAGE_MAX`].
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn of_order(
    store: &Store,
    mch_id: &MchId,
    order_no: Option<&OrderNo>,
    after: &str,
    limit: u32,
) -> Result<Vec<InboxEntry>, StoreError> {
    let params = [
        mch_id.as_str().into(),
        key_of(order_no).into(),
        after.into(),
        page_limit(limit),
    ];
    let rows = store.read(Read::Keyed, OF_ORDER, params).await?;
    rows.into_iter().map(decode).collect()
}

/// Deletes notifications received before `before`, the oldest first, at most `limit`. Returns how
/// many.
///
/// # Errors
/// Those of [`Store::run`].
pub async fn prune(
    store: &Store,
    mch_id: &MchId,
    before: Millis,
    limit: u32,
) -> Result<u64, StoreError> {
    let mut tx = Tx::new("prune_inbox");
    let params = [
        mch_id.as_str().into(),
        before.into(),
        i64::from(limit).into(),
    ];
    tx.push(PRUNE, params);
    Ok(store.run(tx).await?.rows("inbox.prune"))
}

/// An order number in the key; empty when there is none, because a key has no gaps.
fn key_of(order_no: Option<&OrderNo>) -> &str {
    order_no.map_or("", OrderNo::as_str)
}

fn decode(row: Row) -> Result<InboxEntry, StoreError> {
    let mut row = Columns::keyed("inbox", row);
    let order_no = match row.text("order_no")? {
        none if none.is_empty() => None,
        some => Some(OrderNo::new(some).map_err(|_| row.inconsistent("order_no"))?),
    };
    Ok(InboxEntry {
        order_no,
        mch_id: row.id("mch_id")?,
        notification_id: row.text("notification_id")?,
        event_type: row.text("event_type")?,
        serial: row.text("serial")?,
        timestamp: row.text("signature_timestamp")?,
        nonce: row.text("nonce")?,
        signature: row.text("signature")?,
        body: row.blob("body")?,
        received_at: row.millis("received_at")?,
        outcome: row.text("outcome")?,
    })
}
