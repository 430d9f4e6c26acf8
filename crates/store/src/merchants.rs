//! Merchants whose payments this installation takes. The configuration is where they come from;
//! this table lets the rest of the database be read without it.

use domain::{MchId, Millis};

use crate::{
    Store, StoreError, Tx,
    row::{Columns, Row},
};

pub(crate) const STATEMENTS: &[&str] = &[PUT, GET];

const PUT: &str = "-- merchants.put
INSERT INTO merchants (mch_id, merchant_key, name, updated_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (mch_id) DO UPDATE SET
    merchant_key = excluded.merchant_key, name = excluded.name, updated_at = excluded.updated_at";

const GET: &str = "-- merchants.get
SELECT mch_id, merchant_key, name FROM merchants WHERE mch_id = $1";

/// A merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    /// WeChat's number.
    pub mch_id: MchId,
    /// The name of its section in the configuration and of its path for notifications.
    pub key: String,
    /// What people call it.
    pub name: String,
}

/// Adds the merchant, or replaces it.
pub fn put(tx: &mut Tx, merchant: &Merchant, now: Millis) {
    let (key, name) = (merchant.key.as_str(), merchant.name.as_str());
    tx.guarded(
        PUT,
        [
            merchant.mch_id.as_str().into(),
            key.into(),
            name.into(),
            now.into(),
        ],
    );
}

/// The merchant of this number.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn get(store: &Store, mch_id: &MchId) -> Result<Option<Merchant>, StoreError> {
    let row = store.read_one(GET, [mch_id.as_str().into()]).await?;
    row.map(decode).transpose()
}

fn decode(row: Row) -> Result<Merchant, StoreError> {
    let mut row = Columns::keyed("merchants", row);
    Ok(Merchant {
        mch_id: row.id("mch_id")?,
        key: row.text("merchant_key")?,
        name: row.text("name")?,
    })
}
