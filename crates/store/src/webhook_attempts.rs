//! Each attempt to tell an endpoint of an event, with what it answered.

use domain::{EventId, MchId, Millis};

use crate::{
    Store, StoreError, Tx,
    row::{Columns, Row},
    store::{Read, page_limit},
    webhook_endpoints::Endpoint,
};

pub(crate) const STATEMENTS: &[&str] = &[INSERT, PAGE, PAGE_OF_EVENT, PRUNE];

const INSERT: &str = "-- webhook_attempts.insert
INSERT INTO webhook_attempts (mch_id, endpoint_id, attempt_id, event_id, number, at, duration_ms,
    status, answer, outcome)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const PAGE: &str = "-- webhook_attempts.page
SELECT attempt_id, event_id, number, at, duration_ms, status, answer, outcome FROM webhook_attempts
WHERE mch_id = $1 AND endpoint_id = $2 AND attempt_id < $3 ORDER BY attempt_id DESC LIMIT $4";

const PAGE_OF_EVENT: &str = "-- webhook_attempts.page_of_event
SELECT attempt_id, event_id, number, at, duration_ms, status, answer, outcome FROM webhook_attempts
WHERE mch_id = $1 AND endpoint_id = $2 AND attempt_id < $3 AND event_id = $4
ORDER BY attempt_id DESC LIMIT $5";

const PRUNE: &str = "-- webhook_attempts.prune
DELETE FROM webhook_attempts WHERE mch_id = $1 AND endpoint_id = $2 AND attempt_id IN (
    SELECT attempt_id FROM webhook_attempts
    WHERE mch_id = $1 AND endpoint_id = $2 AND attempt_id < $3 ORDER BY attempt_id LIMIT $4)";

/// Above every attempt id: they begin with a year of four digits.
const NEWEST: &str = "99999";

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Rises with time.
    pub attempt_id: String,
    /// Of what the endpoint was told.
    pub event_id: EventId,
    /// 1 for the first since the delivery was put or replayed.
    pub number: u32,
    /// When it began.
    pub at: Millis,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// What was answered; `None` when there was no answer.
    pub status: Option<u16>,
    /// The beginning of the answer's body.
    pub answer: String,
    /// `delivered`, or why not.
    pub outcome: String,
}

pub(crate) fn insert(tx: &mut Tx, mch_id: &MchId, endpoint_id: &str, attempt: &Attempt) {
    let params = [
        mch_id.as_str().into(),
        endpoint_id.into(),
        attempt.attempt_id.as_str().into(),
        attempt.event_id.as_str().into(),
        i64::from(attempt.number).into(),
        attempt.at.into(),
        attempt.duration_ms.into(),
        attempt.status.map(i64::from).into(),
        attempt.answer.as_str().into(),
        attempt.outcome.as_str().into(),
    ];
    tx.push(INSERT, params);
}

/// The attempts of an endpoint before `before`, newest first; of one event when it is given. At
/// most `limit` and [`crate::PAGE_MAX`].
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn page(
    store: &Store,
    mch_id: &MchId,
    endpoint_id: &str,
    event_id: Option<&EventId>,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<Attempt>, StoreError> {
    let (mch_id, before) = (mch_id.as_str(), before.unwrap_or(NEWEST));
    let rows = match event_id {
        None => {
            let params = [
                mch_id.into(),
                endpoint_id.into(),
                before.into(),
                page_limit(limit),
            ];
            store.read(Read::Keyed, PAGE, params).await?
        }
        Some(event_id) => {
            let params = [
                mch_id.into(),
                endpoint_id.into(),
                before.into(),
                event_id.as_str().into(),
                page_limit(limit),
            ];
            store.read(Read::Scan, PAGE_OF_EVENT, params).await?
        }
    };
    rows.into_iter().map(decode).collect()
}

/// Deletes attempts before `before`, at most `limit`. Returns how many.
///
/// # Errors
/// Those of [`Store::run`].
pub async fn prune(
    store: &Store,
    endpoint: &Endpoint,
    before: Millis,
    limit: u32,
) -> Result<u64, StoreError> {
    let mut tx = Tx::new("prune_attempts");
    let params = [
        endpoint.mch_id.as_str().into(),
        endpoint.endpoint_id.as_str().into(),
        domain::event::id_bound(before).into(),
        i64::from(limit).into(),
    ];
    tx.push(PRUNE, params);
    Ok(store.run(tx).await?.rows("webhook_attempts.prune"))
}

fn decode(row: Row) -> Result<Attempt, StoreError> {
    let mut row = Columns::keyed("webhook_attempts", row);
    Ok(Attempt {
        attempt_id: row.text("attempt_id")?,
        event_id: row.id("event_id")?,
        number: {
            let number = row.int("number")?;
            u32::try_from(number).map_err(|_| row.inconsistent("number"))?
        },
        at: row.millis("at")?,
        duration_ms: row.int("duration_ms")?,
        status: {
            let status = row.int_or_null("status")?.map(u16::try_from);
            status.transpose().map_err(|_| row.inconsistent("status"))?
        },
        answer: row.text("answer")?,
        outcome: row.text("outcome")?,
    })
}
