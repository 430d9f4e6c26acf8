//! Work that is due at a time: one row for each subject, leased while somebody works on it.
//!
//! A lease is a promise with an end, not a lock: when it runs out the job is given to the next
//! one, and what the first still writes with its token changes nothing. So a job may run twice,
//! and must be written so that this does no harm; its effects are guarded by the version of what
//! they change.

use std::time::Duration;

use domain::{MchId, Millis};

use crate::{
    Engine, Store, StoreError, Tx,
    row::{Columns, Row},
    store::{PAGE_MAX, Read},
};

pub(crate) const STATEMENTS: &[&str] = &[
    PUT, PUT_NEW, REMOVE, FINISH, RESCHEDULE, WAKE, NEXT_DUE, IS_DUE, CLAIMED, IS_ASTRAY, RECALL,
];

const PUT: &str = "-- jobs.put
INSERT INTO jobs (mch_id, kind, subject, due_at, attempts, leased_until, lease_token)
VALUES ($1, $2, $3, $4, 0, 0, '')
ON CONFLICT (mch_id, kind, subject) DO UPDATE SET due_at = excluded.due_at
WHERE jobs.due_at > excluded.due_at";

const PUT_NEW: &str = "-- jobs.put_new
INSERT INTO jobs (mch_id, kind, subject, due_at, attempts, leased_until, lease_token)
VALUES ($1, $2, $3, $4, 0, 0, '')
ON CONFLICT (mch_id, kind, subject) DO NOTHING";

const REMOVE: &str = "-- jobs.remove
DELETE FROM jobs WHERE mch_id = $1 AND kind = $2 AND subject = $3";

const FINISH: &str = "-- jobs.finish
DELETE FROM jobs WHERE mch_id = $1 AND kind = $2 AND subject = $3 AND lease_token = $4";

const RESCHEDULE: &str = "-- jobs.reschedule
UPDATE jobs SET due_at = $1, leased_until = 0, lease_token = ''
WHERE mch_id = $2 AND kind = $3 AND subject = $4 AND lease_token = $5";

const WAKE: &str = "-- jobs.wake
UPDATE jobs SET due_at = $1 WHERE mch_id = $2 AND kind = $3 AND subject = $4 AND due_at > $1";

const NEXT_DUE: &str = "-- jobs.next_due
SELECT MIN(due_at) FROM jobs WHERE mch_id = $1 AND kind = $2";

const IS_DUE: &str = "-- jobs.is_due
SELECT subject FROM jobs WHERE mch_id = $1 AND kind = $2 AND due_at <= $3 AND leased_until <= $3
ORDER BY due_at LIMIT 1";

/// A claim moves `due_at` to the end of the lease as well: jobs in hand then lie behind those that
/// are due, and nobody has to pass over them.
pub(crate) const CLAIM_ON_SQLITE: &str = "-- jobs.claim_on_sqlite
UPDATE jobs SET due_at = $1, leased_until = $1, lease_token = $2, attempts = attempts + 1
WHERE mch_id = $3 AND kind = $4 AND subject IN (
    SELECT subject FROM jobs
    WHERE mch_id = $3 AND kind = $4 AND due_at <= $5 AND leased_until <= $5
    ORDER BY due_at LIMIT $6)";

/// The same; several workers pass over each other's rows instead of waiting for them. Always
/// within one merchant: Citus refuses it otherwise. `ARRAY` makes sure that the inner part, with
/// its limit, runs once.
pub(crate) const CLAIM_ON_POSTGRES: &str = "-- jobs.claim_on_postgres
UPDATE jobs SET due_at = $1, leased_until = $1, lease_token = $2, attempts = attempts + 1
WHERE mch_id = $3 AND kind = $4 AND subject = ANY(ARRAY(
    SELECT subject FROM jobs
    WHERE mch_id = $3 AND kind = $4 AND due_at <= $5 AND leased_until <= $5
    ORDER BY due_at LIMIT $6 FOR UPDATE SKIP LOCKED))";

const CLAIMED: &str = "-- jobs.claimed
SELECT subject, attempts FROM jobs
WHERE mch_id = $1 AND kind = $2 AND due_at = $3 AND lease_token = $4";

const IS_ASTRAY: &str = "-- jobs.is_astray
SELECT subject FROM jobs
WHERE mch_id = $1 AND kind = $2 AND due_at > $3 AND ($3 < leased_until OR due_at > $4) LIMIT 1";

/// A job in hand has `due_at` at the end of its lease.
const RECALL: &str = "-- jobs.recall
UPDATE jobs SET due_at = $1, leased_until = 0, lease_token = ''
WHERE mch_id = $2 AND kind = $3 AND due_at > $4 AND ($4 < leased_until OR due_at > $5)";

/// A job in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The merchant.
    pub mch_id: MchId,
    /// What is to be done.
    pub kind: &'static str,
    /// To what: an order number, for instance.
    pub subject: String,
    /// How often it was claimed since it was put, this time included.
    pub attempts: u32,
    /// Proves the claim to [`finish`] and [`reschedule`].
    pub lease_token: String,
}

/// Makes sure that the job exists and is due at `due_at` or earlier.
pub fn put(tx: &mut Tx, mch_id: &MchId, kind: &'static str, subject: &str, due_at: Millis) {
    tx.push(
        PUT,
        [
            mch_id.as_str().into(),
            kind.into(),
            subject.into(),
            due_at.into(),
        ],
    );
}

/// Makes sure that the job exists, and leaves one that does as it is: in hand, or waiting for its
/// next attempt.
pub fn put_new(tx: &mut Tx, mch_id: &MchId, kind: &'static str, subject: &str, due_at: Millis) {
    let params = [
        mch_id.as_str().into(),
        kind.into(),
        subject.into(),
        due_at.into(),
    ];
    tx.push(PUT_NEW, params);
}

/// Ends the job, whoever has it in hand: what it was for has happened another way.
pub fn remove(tx: &mut Tx, mch_id: &MchId, kind: &'static str, subject: &str) {
    tx.push(
        REMOVE,
        [mch_id.as_str().into(), kind.into(), subject.into()],
    );
}

/// Ends a job in hand. Changes nothing when the lease was lost.
pub fn finish(tx: &mut Tx, job: &Job) {
    let params = [
        job.mch_id.as_str().into(),
        job.kind.into(),
        job.subject.as_str().into(),
        job.lease_token.as_str().into(),
    ];
    tx.push(FINISH, params);
}

/// Gives a job in hand back, due at `due_at`. Changes nothing when the lease was lost.
pub fn reschedule(tx: &mut Tx, job: &Job, due_at: Millis) {
    let params = [
        due_at.into(),
        job.mch_id.as_str().into(),
        job.kind.into(),
        job.subject.as_str().into(),
        job.lease_token.as_str().into(),
    ];
    tx.push(RESCHEDULE, params);
}

/// Makes a job due at `at` if it would be due later. A job in hand stays there until it is given
/// back, and then has the time it is given back with: a wake-up may be lost, and costs only time.
pub fn wake(tx: &mut Tx, mch_id: &MchId, kind: &'static str, subject: &str, at: Millis) {
    tx.push(
        WAKE,
        [
            at.into(),
            mch_id.as_str().into(),
            kind.into(),
            subject.into(),
        ],
    );
}

/// When the next job of this kind is due, or runs out of its lease; `None` when there is none.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn next_due(
    store: &Store,
    mch_id: &MchId,
    kind: &'static str,
) -> Result<Option<Millis>, StoreError> {
    match store
        .read_one(NEXT_DUE, [mch_id.as_str().into(), kind.into()])
        .await?
    {
        Some(row) => Columns::new("jobs", kind, row).millis_or_null("due_at"),
        None => Ok(None),
    }
}

/// Takes jobs that are due into hand until `now` plus `lease`, at most `limit` and
/// [`PAGE_MAX`], the longest due first. Writes nothing when none is due.
///
/// # Errors
/// Those of [`Store::run`] and of reading. Jobs claimed by a call that failed come back when the
/// lease runs out.
pub async fn claim(
    store: &Store,
    mch_id: &MchId,
    kind: &'static str,
    now: Millis,
    lease: Duration,
    limit: u32,
) -> Result<Vec<Job>, StoreError> {
    // Looking is cheap, a write is a commit; most looks find nothing.
    let is_due = [mch_id.as_str().into(), kind.into(), now.into()];
    if store.read_one(IS_DUE, is_due).await?.is_none() {
        return Ok(Vec::new());
    }
    let (until, token) = (now.plus(lease), store.lease_token());
    let sql = match store.engine() {
        Engine::Sqlite => CLAIM_ON_SQLITE,
        Engine::Postgres => CLAIM_ON_POSTGRES,
    };
    let mut tx = Tx::new("claim_jobs");
    let claim = [
        until.into(),
        token.as_str().into(),
        mch_id.as_str().into(),
        kind.into(),
        now.into(),
        i64::from(limit.clamp(1, PAGE_MAX)).into(),
    ];
    tx.push(sql, claim);
    let _claimed = store.run(tx).await?;
    let claimed = [
        mch_id.as_str().into(),
        kind.into(),
        until.into(),
        token.as_str().into(),
    ];
    let rows = store.read(Read::Keyed, CLAIMED, claimed).await?;
    rows.into_iter()
        .map(|row| decode(row, mch_id, kind, &token))
        .collect()
}

/// Makes jobs due now that no honest clock can have put off so far: leased for longer than `lease`
/// from now, or due later than `longest_wait` from now. The clock was set back since, and they
/// would lie there until it is where it was. Whoever has one in hand loses it. Returns how many.
///
/// # Errors
/// Those of [`Store::run`] and of reading.
pub async fn recall(
    store: &Store,
    mch_id: &MchId,
    kind: &'static str,
    now: Millis,
    lease: Duration,
    longest_wait: Duration,
) -> Result<u64, StoreError> {
    let (leased_for_too_long, due_too_late) = (now.plus(lease), now.plus(longest_wait));
    let look = [
        mch_id.as_str().into(),
        kind.into(),
        leased_for_too_long.into(),
        due_too_late.into(),
    ];
    if store.read(Read::Scan, IS_ASTRAY, look).await?.is_empty() {
        return Ok(0);
    }
    let mut tx = Tx::new("recall_jobs");
    let params = [
        now.into(),
        mch_id.as_str().into(),
        kind.into(),
        leased_for_too_long.into(),
        due_too_late.into(),
    ];
    tx.push(RECALL, params);
    Ok(store.run(tx).await?.rows("jobs.recall"))
}

fn decode(row: Row, mch_id: &MchId, kind: &'static str, token: &str) -> Result<Job, StoreError> {
    let mut row = Columns::keyed("jobs", row);
    Ok(Job {
        mch_id: mch_id.clone(),
        kind,
        subject: row.text("subject")?,
        attempts: {
            let attempts = row.int("attempts")?;
            u32::try_from(attempts).map_err(|_| row.inconsistent("attempts"))?
        },
        lease_token: token.to_owned(),
    })
}
