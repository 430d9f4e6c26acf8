//! Where a merchant wants to be told, and how far each place has been told.
//!
//! Each endpoint has its own position in the merchant's events. A transaction moves it and puts
//! the deliveries of the events it passed, guarded by where it was: two servers that do this at
//! once put each delivery once.

use std::fmt;

use domain::{EventId, MchId, Millis};

use crate::{
    Store, StoreError, Tx,
    row::{Columns, Row},
    store::{PAGE_MAX, Read},
};

pub(crate) const STATEMENTS: &[&str] = &[
    INSERT,
    GET,
    LIST,
    DELETE,
    FORGET_DELIVERIES,
    FORGET_ATTEMPTS,
    SET_KEYS,
    ENABLE,
    DISABLE,
    ADVANCE,
    QUEUE,
    FAILING,
    HEALTHY,
];

const INSERT: &str = "-- webhook_endpoints.insert
INSERT INTO webhook_endpoints (mch_id, endpoint_id, url, types, signing_keys, state, state_reason,
    state_at, position, version, created_at)
VALUES ($1, $2, $3, $4, $5, 'enabled', '', $6, $7, 1, $8)";

const GET: &str = "-- webhook_endpoints.get
SELECT endpoint_id, mch_id, url, types, signing_keys, state, state_reason, state_at, failing_since,
    position, version, created_at
FROM webhook_endpoints WHERE mch_id = $1 AND endpoint_id = $2";

const LIST: &str = "-- webhook_endpoints.list
SELECT endpoint_id, mch_id, url, types, signing_keys, state, state_reason, state_at, failing_since,
    position, version, created_at
FROM webhook_endpoints WHERE mch_id = $1 ORDER BY endpoint_id LIMIT $2";

const DELETE: &str = "-- webhook_endpoints.delete
DELETE FROM webhook_endpoints WHERE mch_id = $1 AND endpoint_id = $2";

const FORGET_DELIVERIES: &str = "-- webhook_endpoints.forget_deliveries
DELETE FROM webhook_deliveries WHERE mch_id = $1 AND endpoint_id = $2";

const FORGET_ATTEMPTS: &str = "-- webhook_endpoints.forget_attempts
DELETE FROM webhook_attempts WHERE mch_id = $1 AND endpoint_id = $2";

const SET_KEYS: &str = "-- webhook_endpoints.set_keys
UPDATE webhook_endpoints SET signing_keys = $1, version = version + 1
WHERE mch_id = $2 AND endpoint_id = $3 AND version = $4";

const ENABLE: &str = "-- webhook_endpoints.enable
UPDATE webhook_endpoints
SET state = 'enabled', state_reason = '', state_at = $1, failing_since = NULL, version = version + 1
WHERE mch_id = $2 AND endpoint_id = $3 AND state = 'disabled'";

const DISABLE: &str = "-- webhook_endpoints.disable
UPDATE webhook_endpoints
SET state = 'disabled', state_reason = $1, state_at = $2, version = version + 1
WHERE mch_id = $3 AND endpoint_id = $4 AND state = 'enabled'";

const ADVANCE: &str = "-- webhook_endpoints.advance
UPDATE webhook_endpoints SET position = $1
WHERE mch_id = $2 AND endpoint_id = $3 AND position = $4";

/// An event that was replayed before its turn has a delivery already.
const QUEUE: &str = "-- webhook_endpoints.queue
INSERT INTO webhook_deliveries (mch_id, endpoint_id, event_id, state, attempts, due_at,
    leased_until, lease_token)
VALUES ($1, $2, $3, 'pending', 0, $4, 0, '')
ON CONFLICT (mch_id, endpoint_id, event_id) DO NOTHING";

const FAILING: &str = "-- webhook_endpoints.failing
UPDATE webhook_endpoints SET failing_since = $1
WHERE mch_id = $2 AND endpoint_id = $3 AND failing_since IS NULL";

const HEALTHY: &str = "-- webhook_endpoints.healthy
UPDATE webhook_endpoints SET failing_since = NULL
WHERE mch_id = $1 AND endpoint_id = $2 AND failing_since IS NOT NULL";

/// Whether an endpoint is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointState {
    /// It is told.
    Enabled,
    /// It is told nothing until it is enabled; what happens in between waits.
    Disabled,
}

impl EndpointState {
    /// The word for it in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

/// The secret texts that sign, as JSON; what is in it is the business of who signs.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKeys(pub String);

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKeys(redacted)")
    }
}

/// A place that is told of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The merchant.
    pub mch_id: MchId,
    /// Rises with the time it was made.
    pub endpoint_id: String,
    /// Where to.
    pub url: String,
    /// The types it wants; none means all.
    pub types: Vec<String>,
    /// What signs.
    pub signing_keys: SigningKeys,
    /// Whether it is told.
    pub state: EndpointState,
    /// Why it is disabled; empty otherwise.
    pub state_reason: String,
    /// Since when it is in this state.
    pub state_at: Millis,
    /// When the first of the attempts failed that have failed without a success since.
    pub failing_since: Option<Millis>,
    /// Up to which event deliveries were put.
    pub position: i64,
    /// Grows with every change of keys or state.
    pub version: i64,
    /// When it was made.
    pub created_at: Millis,
}

impl Endpoint {
    /// Whether it wants events of this type.
    pub fn wants(&self, kind: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|wanted| wanted == kind)
    }
}

/// Adds an endpoint, enabled and healthy, whatever the value says.
pub fn insert(tx: &mut Tx, endpoint: &Endpoint) {
    let types = serde_json::to_string(&endpoint.types).expect("texts are always JSON");
    let params = [
        endpoint.mch_id.as_str().into(),
        endpoint.endpoint_id.as_str().into(),
        endpoint.url.as_str().into(),
        types.into(),
        endpoint.signing_keys.0.as_str().into(),
        endpoint.state_at.into(),
        endpoint.position.into(),
        endpoint.created_at.into(),
    ];
    tx.guarded(INSERT, params);
}

/// Deletes an endpoint with its deliveries and attempts. Guarded: it must be there.
pub fn delete(tx: &mut Tx, mch_id: &MchId, endpoint_id: &str) {
    let key = || [mch_id.as_str().into(), endpoint_id.into()];
    tx.guarded(DELETE, key());
    tx.push(FORGET_DELIVERIES, key());
    tx.push(FORGET_ATTEMPTS, key());
}

/// Puts other keys in the place of those that were read with `endpoint`. Guarded by its version.
pub fn set_keys(tx: &mut Tx, endpoint: &Endpoint, keys: &SigningKeys) {
    let params = [
        keys.0.as_str().into(),
        endpoint.mch_id.as_str().into(),
        endpoint.endpoint_id.as_str().into(),
        endpoint.version.into(),
    ];
    tx.guarded(SET_KEYS, params);
}

/// Has it told again, from where it was when it was disabled. Changes nothing when it is enabled.
pub fn enable(tx: &mut Tx, mch_id: &MchId, endpoint_id: &str, at: Millis) {
    tx.push(
        ENABLE,
        [at.into(), mch_id.as_str().into(), endpoint_id.into()],
    );
}

/// Has it told nothing any more. Changes nothing when it is disabled already:
/// `done.rows("webhook_endpoints.disable")` tells.
pub fn disable(tx: &mut Tx, mch_id: &MchId, endpoint_id: &str, reason: &str, at: Millis) {
    let params = [
        reason.into(),
        at.into(),
        mch_id.as_str().into(),
        endpoint_id.into(),
    ];
    tx.push(DISABLE, params);
}

/// Moves the endpoint's position from where it was read, and puts the deliveries of the events that
/// it passed and that it wants. Guarded by the position.
pub fn advance(tx: &mut Tx, endpoint: &Endpoint, to: i64, events: &[EventId], due_at: Millis) {
    let (mch_id, endpoint_id) = (endpoint.mch_id.as_str(), endpoint.endpoint_id.as_str());
    let params = [
        to.into(),
        mch_id.into(),
        endpoint_id.into(),
        endpoint.position.into(),
    ];
    tx.guarded(ADVANCE, params);
    for event_id in events {
        let params = [
            mch_id.into(),
            endpoint_id.into(),
            event_id.as_str().into(),
            due_at.into(),
        ];
        tx.push(QUEUE, params);
    }
}

/// Notes that an attempt failed; the first time counts.
pub(crate) fn failing(tx: &mut Tx, mch_id: &MchId, endpoint_id: &str, at: Millis) {
    tx.push(
        FAILING,
        [at.into(), mch_id.as_str().into(), endpoint_id.into()],
    );
}

/// Notes that an attempt succeeded.
pub(crate) fn healthy(tx: &mut Tx, mch_id: &MchId, endpoint_id: &str) {
    tx.push(HEALTHY, [mch_id.as_str().into(), endpoint_id.into()]);
}

/// One endpoint.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn get(
    store: &Store,
    mch_id: &MchId,
    endpoint_id: &str,
) -> Result<Option<Endpoint>, StoreError> {
    let params = [mch_id.as_str().into(), endpoint_id.into()];
    store.read_one(GET, params).await?.map(decode).transpose()
}

/// All endpoints of the merchant, the oldest first; at most [`PAGE_MAX`].
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn list(store: &Store, mch_id: &MchId) -> Result<Vec<Endpoint>, StoreError> {
    let params = [mch_id.as_str().into(), i64::from(PAGE_MAX).into()];
    let rows = store.read(Read::Keyed, LIST, params).await?;
    rows.into_iter().map(decode).collect()
}

fn decode(row: Row) -> Result<Endpoint, StoreError> {
    let mut row = Columns::keyed("webhook_endpoints", row);
    Ok(Endpoint {
        endpoint_id: row.text("endpoint_id")?,
        mch_id: row.id("mch_id")?,
        url: row.text("url")?,
        types: {
            let types = row.text("types")?;
            serde_json::from_str(&types).map_err(|_| row.inconsistent("types"))?
        },
        signing_keys: SigningKeys(row.text("signing_keys")?),
        state: match row.text("state")?.as_str() {
            "enabled" => EndpointState::Enabled,
            "disabled" => EndpointState::Disabled,
            _ => return Err(row.inconsistent("state")),
        },
        state_reason: row.text("state_reason")?,
        state_at: row.millis("state_at")?,
        failing_since: row.millis_or_null("failing_since")?,
        position: row.int("position")?,
        version: row.int("version")?,
        created_at: row.millis("created_at")?,
    })
}
