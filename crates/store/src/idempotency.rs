//! Keys that make a repeated request the same request.
//!
//! A key is reserved in the transaction of its effect, with the number the effect will have, so
//! that a repeat after a crash does the same again and not something new. While somebody works on
//! it, it is leased; a lease that ran out is taken over, by exactly one. The answer is written once
//! and repeated from then on.

use domain::{MchId, Millis};

use crate::{
    Store, StoreError, Tx,
    row::{Columns, Row},
    tx::Value,
};

pub(crate) const STATEMENTS: &[&str] = &[RESERVE, GET, TAKE_OVER, ANSWER, RELEASE, FORGET, PRUNE];

const RESERVE: &str = "-- idempotency.reserve
INSERT INTO idempotency (mch_id, scope, idempotency_key, request_hash, order_no, lease_until,
    answer, created_at)
VALUES ($1, $2, $3, $4, $5, $6, NULL, $7)
ON CONFLICT (mch_id, scope, idempotency_key) DO NOTHING";

const GET: &str = "-- idempotency.get
SELECT order_no, request_hash, lease_until, answer, created_at FROM idempotency
WHERE mch_id = $1 AND scope = $2 AND idempotency_key = $3";

const TAKE_OVER: &str = "-- idempotency.take_over
UPDATE idempotency SET lease_until = $1
WHERE mch_id = $2 AND scope = $3 AND idempotency_key = $4 AND lease_until = $5 AND answer IS NULL";

const ANSWER: &str = "-- idempotency.answer
UPDATE idempotency SET answer = $1
WHERE mch_id = $2 AND scope = $3 AND idempotency_key = $4 AND lease_until = $5 AND answer IS NULL";

const RELEASE: &str = "-- idempotency.release
UPDATE idempotency SET lease_until = 0
WHERE mch_id = $1 AND scope = $2 AND idempotency_key = $3 AND lease_until = $4 AND answer IS NULL";

const FORGET: &str = "-- idempotency.forget
DELETE FROM idempotency
WHERE mch_id = $1 AND scope = $2 AND idempotency_key = $3 AND lease_until = $4 AND answer IS NULL";

const PRUNE: &str = "-- idempotency.prune
DELETE FROM idempotency WHERE mch_id = $1 AND (scope, idempotency_key) IN (
    SELECT scope, idempotency_key FROM idempotency WHERE mch_id = $1 AND created_at < $2
    ORDER BY created_at LIMIT $3)";

/// Whose key it is. Two buyers, or a buyer and the merchant, may use the same text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The merchant.
    pub mch_id: MchId,
    /// Who within the merchant: `api`, or something that stands for one buyer (not the openid).
    pub scope: String,
    /// The `Idempotency-Key` of the request.
    pub key: String,
}

/// A key at its first use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The key.
    pub key: Key,
    /// A hash of what was asked for: the same key with another request is refused.
    pub request_hash: String,
    /// The number of what the request makes: an order's, a refund's, or none. (The column is
    /// `order_no` for history's sake.)
    pub subject: String,
    /// Until when whoever reserves it works on it. It also names the lease: [`answer`] and
    /// [`release`] take it back.
    pub lease_until: Millis,
    /// Now.
    pub created_at: Millis,
}

/// A key that was used before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// The number of what the first request makes.
    pub subject: String,
    /// What was asked for.
    pub request_hash: String,
    /// Until when somebody works on it.
    pub lease_until: Millis,
    /// What was answered, as JSON text, when it was.
    pub answer: Option<String>,
    /// When it was reserved.
    pub created_at: Millis,
}

/// Reserves a key. Guarded: misses (`idempotency.reserve`) when it was used before.
pub fn reserve(tx: &mut Tx, reservation: &Reservation) {
    let [mch_id, scope, key] = key_of(&reservation.key);
    let params = [
        mch_id,
        scope,
        key,
        reservation.request_hash.as_str().into(),
        reservation.subject.as_str().into(),
        reservation.lease_until.into(),
        reservation.created_at.into(),
    ];
    tx.guarded(RESERVE, params);
}

/// What is known of a key.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn get(store: &Store, key: &Key) -> Result<Option<Reserved>, StoreError> {
    let row = store.read_one(GET, key_of(key)).await?;
    row.map(decode).transpose()
}

/// Takes over a key whose lease `seen` has run out and that has no answer, or renews a lease that
/// ends at `seen`. Guarded: misses when somebody else was first. `lease_until` must differ from
/// `seen`.
pub fn take_over(tx: &mut Tx, key: &Key, seen: Millis, lease_until: Millis) {
    debug_assert_ne!(seen, lease_until, "a lease is named by its end");
    let [mch_id, scope, name] = key_of(key);
    tx.guarded(
        TAKE_OVER,
        [lease_until.into(), mch_id, scope, name, seen.into()],
    );
}

/// Writes the answer, as JSON text. Guarded: misses when it was answered, or when the lease that
/// ends at `lease_until` was taken over; then read the answer that counts.
pub fn answer(tx: &mut Tx, key: &Key, lease_until: Millis, answer: &str) {
    let [mch_id, scope, name] = key_of(key);
    tx.guarded(
        ANSWER,
        [answer.into(), mch_id, scope, name, lease_until.into()],
    );
}

/// Ends the lease without an answer, so that a repeat need not wait for it. Changes nothing when
/// the lease that ends at `lease_until` was taken over, or was answered.
pub fn release(tx: &mut Tx, key: &Key, lease_until: Millis) {
    let [mch_id, scope, name] = key_of(key);
    tx.push(RELEASE, [mch_id, scope, name, lease_until.into()]);
}

/// Forgets the key, because nothing was done under it: it may come again with another request.
/// Changes nothing when the lease that ends at `lease_until` was taken over, or was answered.
pub fn forget(tx: &mut Tx, key: &Key, lease_until: Millis) {
    let [mch_id, scope, name] = key_of(key);
    tx.push(FORGET, [mch_id, scope, name, lease_until.into()]);
}

/// Forgets keys reserved before `before`, the oldest first, at most `limit`. Returns how many.
///
/// # Errors
/// Those of [`Store::run`].
pub async fn prune(
    store: &Store,
    mch_id: &MchId,
    before: Millis,
    limit: u32,
) -> Result<u64, StoreError> {
    let mut tx = Tx::new("prune_idempotency");
    tx.push(
        PRUNE,
        [
            mch_id.as_str().into(),
            before.into(),
            i64::from(limit).into(),
        ],
    );
    Ok(store.run(tx).await?.rows("idempotency.prune"))
}

fn key_of(key: &Key) -> [Value; 3] {
    [
        key.mch_id.as_str().into(),
        key.scope.as_str().into(),
        key.key.as_str().into(),
    ]
}

fn decode(row: Row) -> Result<Reserved, StoreError> {
    let mut row = Columns::keyed("idempotency", row);
    Ok(Reserved {
        subject: row.text("order_no")?,
        request_hash: row.text("request_hash")?,
        lease_until: row.millis("lease_until")?,
        answer: row.text_or_null("answer")?,
        created_at: row.millis("created_at")?,
    })
}
