//! One row for each event and each endpoint that is to be told of it. Leased while somebody tells
//! it, and fenced by the lease, as [`crate::jobs`] are; so an endpoint may be told twice.

use std::time::Duration;

use domain::{EventId, MchId, Millis};

use crate::{
    Engine, Store, StoreError, Tx,
    row::{Columns, Row},
    store::{PAGE_MAX, Read},
    webhook_attempts::{self, Attempt},
    webhook_endpoints::{self, Endpoint},
};

pub(crate) const STATEMENTS: &[&str] = &[
    IS_DUE, CLAIMED, NEXT_DUE, RECORD, REPLAY, RESUME, GET, PRUNE, RECALL,
];

const IS_DUE: &str = "-- webhook_deliveries.is_due
SELECT event_id FROM webhook_deliveries
WHERE mch_id = $1 AND endpoint_id = $2 AND state = 'pending' AND due_at <= $3
ORDER BY due_at LIMIT 1";

/// A claim moves `due_at` to the end of the lease, so that one index answers what is due.
pub(crate) const CLAIM_ON_SQLITE: &str = "-- webhook_deliveries.claim_on_sqlite
UPDATE webhook_deliveries SET due_at = $1, leased_until = $1, lease_token = $2
WHERE mch_id = $3 AND endpoint_id = $4 AND event_id IN (
    SELECT event_id FROM webhook_deliveries
    WHERE mch_id = $3 AND endpoint_id = $4 AND state = 'pending' AND due_at <= $5
    ORDER BY due_at, event_id LIMIT $6)";

pub(crate) const CLAIM_ON_POSTGRES: &str = "-- webhook_deliveries.claim_on_postgres
UPDATE webhook_deliveries SET due_at = $1, leased_until = $1, lease_token = $2
WHERE mch_id = $3 AND endpoint_id = $4 AND event_id = ANY(ARRAY(
    SELECT event_id FROM webhook_deliveries
    WHERE mch_id = $3 AND endpoint_id = $4 AND state = 'pending' AND due_at <= $5
    ORDER BY due_at, event_id LIMIT $6 FOR UPDATE SKIP LOCKED))";

const CLAIMED: &str = "-- webhook_deliveries.claimed
SELECT event_id, attempts FROM webhook_deliveries
WHERE mch_id = $1 AND endpoint_id = $2 AND state = 'pending' AND due_at = $3 AND lease_token = $4
ORDER BY event_id";

const NEXT_DUE: &str = "-- webhook_deliveries.next_due
SELECT MIN(due_at) FROM webhook_deliveries
WHERE mch_id = $1 AND endpoint_id = $2 AND state = 'pending'";

const RECORD: &str = "-- webhook_deliveries.record
UPDATE webhook_deliveries
SET state = $1, attempts = attempts + 1, due_at = $2, leased_until = 0, lease_token = ''
WHERE mch_id = $3 AND endpoint_id = $4 AND event_id = $5 AND lease_token = $6";

/// Whoever has it in hand loses the lease.
const REPLAY: &str = "-- webhook_deliveries.replay
INSERT INTO webhook_deliveries (mch_id, endpoint_id, event_id, state, attempts, due_at,
    leased_until, lease_token)
VALUES ($1, $2, $3, 'pending', 0, $4, 0, '')
ON CONFLICT (mch_id, endpoint_id, event_id) DO UPDATE
SET state = 'pending', attempts = 0, due_at = excluded.due_at, leased_until = 0, lease_token = ''";

const RESUME: &str = "-- webhook_deliveries.resume
UPDATE webhook_deliveries SET due_at = $1
WHERE mch_id = $2 AND endpoint_id = $3 AND state = 'pending' AND due_at > $1 AND leased_until = 0";

const GET: &str = "-- webhook_deliveries.get
SELECT event_id, state, attempts, due_at FROM webhook_deliveries
WHERE mch_id = $1 AND endpoint_id = $2 AND event_id = $3";

const PRUNE: &str = "-- webhook_deliveries.prune
DELETE FROM webhook_deliveries WHERE mch_id = $1 AND endpoint_id = $2 AND event_id IN (
    SELECT event_id FROM webhook_deliveries
    WHERE mch_id = $1 AND endpoint_id = $2 AND event_id < $3 AND state <> 'pending'
    ORDER BY event_id LIMIT $4)";

/// A delivery in hand has `due_at` at the end of its lease.
const RECALL: &str = "-- webhook_deliveries.recall
UPDATE webhook_deliveries SET due_at = $1, leased_until = 0, lease_token = ''
WHERE mch_id = $2 AND endpoint_id = $3 AND state = 'pending'
    AND due_at > $4 AND ($4 < leased_until OR due_at > $5)";

/// How far an endpoint has been told of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// To be told, now or later.
    Pending,
    /// It has said that it was told.
    Delivered,
    /// Tried as often as the ladder has steps.
    Failed,
}

impl DeliveryState {
    /// The word for it in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Pending, Self::Delivered, Self::Failed];
        all.into_iter().find(|state| state.name() == name)
    }
}

/// A delivery in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The merchant.
    pub mch_id: MchId,
    /// Who is to be told.
    pub endpoint_id: String,
    /// Of what.
    pub event_id: EventId,
    /// How many attempts there were before this one, since it was put or replayed.
    pub attempts: u32,
    /// Proves the claim to [`record`].
    pub lease_token: String,
}

/// A delivery as it lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Of what.
    pub event_id: EventId,
    /// How far it is.
    pub state: DeliveryState,
    /// How many attempts there were since it was put or replayed.
    pub attempts: u32,
    /// When the next attempt is due, while it is pending.
    pub due_at: Millis,
}

/// Takes deliveries of this endpoint that are due into hand until `now` plus `lease`, at most
/// `limit`, the longest due first. Writes nothing when none is due.
///
/// # Errors
/// Those of [`Store::run`] and of reading. What a call claimed that failed comes back when the
/// lease runs out.
pub async fn claim(
    store: &Store,
    endpoint: &Endpoint,
    now: Millis,
    lease: Duration,
    limit: u32,
) -> Result<Vec<Claim>, StoreError> {
    let (mch_id, endpoint_id) = (endpoint.mch_id.as_str(), endpoint.endpoint_id.as_str());
    let is_due = [mch_id.into(), endpoint_id.into(), now.into()];
    if store.read_one(IS_DUE, is_due).await?.is_none() {
        return Ok(Vec::new());
    }
    let (until, token) = (now.plus(lease), store.lease_token());
    let sql = match store.engine() {
        Engine::Sqlite => CLAIM_ON_SQLITE,
        Engine::Postgres => CLAIM_ON_POSTGRES,
    };
    let mut tx = Tx::new("claim_deliveries");
    let params = [
        until.into(),
        token.as_str().into(),
        mch_id.into(),
        endpoint_id.into(),
        now.into(),
        i64::from(limit.clamp(1, PAGE_MAX)).into(),
    ];
    tx.push(sql, params);
    let _claimed = store.run(tx).await?;
    let params = [
        mch_id.into(),
        endpoint_id.into(),
        until.into(),
        token.as_str().into(),
    ];
    let rows = store.read(Read::Keyed, CLAIMED, params).await?;
    rows.into_iter()
        .map(|row| decode_claim(row, endpoint, &token))
        .collect()
}

/// Writes down what became of an attempt: the delivery's new state and when it is due again, the
/// attempt itself, and whether the endpoint is failing. Guarded by the lease.
pub fn record(tx: &mut Tx, claim: &Claim, state: DeliveryState, due_at: Millis, made: &Attempt) {
    let (mch_id, endpoint_id) = (&claim.mch_id, claim.endpoint_id.as_str());
    let params = [
        state.name().into(),
        due_at.into(),
        mch_id.as_str().into(),
        endpoint_id.into(),
        claim.event_id.as_str().into(),
        claim.lease_token.as_str().into(),
    ];
    tx.guarded(RECORD, params);
    webhook_attempts::insert(tx, mch_id, endpoint_id, made);
    match state {
        DeliveryState::Delivered => webhook_endpoints::healthy(tx, mch_id, endpoint_id),
        DeliveryState::Pending | DeliveryState::Failed => {
            webhook_endpoints::failing(tx, mch_id, endpoint_id, made.at);
        }
    }
}

/// Has the endpoint told of this event, from the first step of the ladder, whether it was told of
/// it before or not.
pub fn replay(tx: &mut Tx, mch_id: &MchId, endpoint_id: &str, event_id: &EventId, at: Millis) {
    let params = [
        mch_id.as_str().into(),
        endpoint_id.into(),
        event_id.as_str().into(),
        at.into(),
    ];
    tx.push(REPLAY, params);
}

/// Makes everything that waits due now, for an endpoint that works again.
pub fn resume(tx: &mut Tx, mch_id: &MchId, endpoint_id: &str, at: Millis) {
    tx.push(
        RESUME,
        [at.into(), mch_id.as_str().into(), endpoint_id.into()],
    );
}

/// As [`crate::jobs::recall`], for the deliveries of an endpoint. Few wait, so nobody looks first.
///
/// # Errors
/// Those of [`Store::run`].
pub async fn recall(
    store: &Store,
    endpoint: &Endpoint,
    now: Millis,
    lease: Duration,
    longest_wait: Duration,
) -> Result<u64, StoreError> {
    let mut tx = Tx::new("recall_deliveries");
    let params = [
        now.into(),
        endpoint.mch_id.as_str().into(),
        endpoint.endpoint_id.as_str().into(),
        now.plus(lease).into(),
        now.plus(longest_wait).into(),
    ];
    tx.push(RECALL, params);
    Ok(store.run(tx).await?.rows("webhook_deliveries.recall"))
}

/// When the next delivery of this endpoint is due; `None` when there is none.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn next_due(store: &Store, endpoint: &Endpoint) -> Result<Option<Millis>, StoreError> {
    let params = [
        endpoint.mch_id.as_str().into(),
        endpoint.endpoint_id.as_str().into(),
    ];
    match store.read_one(NEXT_DUE, params).await? {
        Some(row) => Columns::new("webhook_deliveries", "(next due)", row).millis_or_null("due_at"),
        None => Ok(None),
    }
}

/// How far the endpoint has been told of this event.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn get(
    store: &Store,
    mch_id: &MchId,
    endpoint_id: &str,
    event_id: &EventId,
) -> Result<Option<Delivery>, StoreError> {
    let params = [
        mch_id.as_str().into(),
        endpoint_id.into(),
        event_id.as_str().into(),
    ];
    store.read_one(GET, params).await?.map(decode).transpose()
}

/// Deletes what was told or given up of events before `before`, at most `limit`. Returns how many.
///
/// # Errors
/// Those of [`Store::run`].
pub async fn prune(
    store: &Store,
    endpoint: &Endpoint,
    before: Millis,
    limit: u32,
) -> Result<u64, StoreError> {
    let mut tx = Tx::new("prune_deliveries");
    let params = [
        endpoint.mch_id.as_str().into(),
        endpoint.endpoint_id.as_str().into(),
        domain::event::id_bound(before).into(),
        i64::from(limit).into(),
    ];
    tx.push(PRUNE, params);
    Ok(store.run(tx).await?.rows("webhook_deliveries.prune"))
}

fn decode_claim(row: Row, endpoint: &Endpoint, token: &str) -> Result<Claim, StoreError> {
    let mut row = Columns::keyed("webhook_deliveries", row);
    Ok(Claim {
        mch_id: endpoint.mch_id.clone(),
        endpoint_id: endpoint.endpoint_id.clone(),
        event_id: row.id("event_id")?,
        attempts: attempts(&mut row)?,
        lease_token: token.to_owned(),
    })
}

fn decode(row: Row) -> Result<Delivery, StoreError> {
    let mut row = Columns::keyed("webhook_deliveries", row);
    Ok(Delivery {
        event_id: row.id("event_id")?,
        state: {
            let name = row.text("state")?;
            DeliveryState::from_name(&name).ok_or_else(|| row.inconsistent("state"))?
        },
        attempts: attempts(&mut row)?,
        due_at: row.millis("due_at")?,
    })
}

fn attempts(row: &mut Columns) -> Result<u32, StoreError> {
    let number = row.int("attempts")?;
    u32::try_from(number).map_err(|_| row.inconsistent("attempts"))
}
