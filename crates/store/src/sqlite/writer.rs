//! The thread that writes: takes everything that waits, commits it with one `fsync`, and answers
//! each caller only then.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
};

use rusqlite::{Connection, ErrorCode, params_from_iter};
use tokio::sync::{oneshot, watch};

use crate::{
    Done, StoreError, Tx, catalogue,
    error::Cause,
    sqlite::{is_refusal, is_unconfirmed},
    stats::Counters,
};

/// How many transactions may wait. More than are written in about a fifth of a second: whoever
/// comes after that is better told so at once than kept waiting.
const QUEUE_MAX: usize = 4096;

/// How many transactions share one commit at most, so that the first does not wait for too many
/// that came later: some ten milliseconds of work.
const BATCH_MAX: usize = 256;

/// What is said to those who come after a failure that only a new process recovers from.
const ENDED: &str = "the disk did not confirm an earlier write, so nothing is written any more";

type Outcome = Result<Done, StoreError>;

struct Work {
    tx: Tx,
    answer: oneshot::Sender<Outcome>,
}

pub(super) struct Writer {
    queue: SyncSender<Work>,
    /// Turns true when the disk did not confirm a write, and nothing is written any more.
    distrust: watch::Receiver<bool>,
}

impl Writer {
    pub(super) fn start(connection: Connection, counters: Arc<Counters>) -> io::Result<Self> {
        let (queue, work) = sync_channel(QUEUE_MAX);
        let (tell, distrust) = watch::channel(false);
        let thread = Thread {
            connection,
            counters,
            distrust: tell,
        };
        // It ends when the store is dropped and the queue is empty; nobody waits for that,
        // because everything that was acknowledged is on the disk already.
        thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || thread.run(&work))?;
        Ok(Self { queue, distrust })
    }

    pub(super) async fn lost_trust(&self) {
        if self.distrust.clone().wait_for(|lost| *lost).await.is_err() {
            // The thread has ended for another reason.
            std::future::pending::<()>().await;
        }
    }

    pub(super) async fn run(&self, tx: Tx) -> Outcome {
        let name = tx.name();
        let (answer, outcome) = oneshot::channel();
        match self.queue.try_send(Work { tx, answer }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(StoreError::Busy { waiting: QUEUE_MAX }),
            Err(TrySendError::Disconnected(_)) => {
                return Err(StoreError::Unavailable(Cause::new(ENDED)));
            }
        }
        let lost = || {
            Err(StoreError::OutcomeUnknown {
                tx: name,
                source: Cause::new("no answer"),
            })
        };
        outcome.await.unwrap_or_else(|_| lost())
    }
}

struct Thread {
    connection: Connection,
    counters: Arc<Counters>,
    distrust: watch::Sender<bool>,
}

impl Thread {
    /// Ends when the store is dropped, or when the disk did not confirm a write: then everybody
    /// who waits or comes later is refused, and the process has to begin again; see
    /// [`is_unconfirmed`].
    fn run(self, queue: &Receiver<Work>) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while let Ok(first) = queue.recv() {
            batch.push(first);
            // Whatever waits comes along; nothing is waited for.
            batch.extend(queue.try_iter().take(BATCH_MAX - 1));
            let txs = batch.iter().map(|work| &work.tx);
            let outcomes = commit(&self.connection, txs);
            if outcomes.iter().any(Result::is_ok) {
                self.counters.commit();
            }
            let lost_trust = outcomes.iter().any(is_distrusted);
            for (work, outcome) in batch.drain(..).zip(outcomes) {
                // A caller that has gone needs no answer.
                drop(work.answer.send(outcome));
            }
            if lost_trust {
                self.distrust.send_replace(true);
                for work in queue.try_iter().take(QUEUE_MAX) {
                    let refused = StoreError::Unavailable(Cause::new(ENDED));
                    drop(work.answer.send(Err(refused)));
                }
                return;
            }
        }
    }
}

fn is_distrusted(outcome: &Outcome) -> bool {
    match outcome {
        Err(StoreError::Unavailable(cause) | StoreError::OutcomeUnknown { source: cause, .. }) => {
            cause.downcast_ref().is_some_and(is_unconfirmed)
        }
        Ok(_) | Err(_) => false,
    }
}

/// Commits the transactions together: first all of them as if they were one, and when one of them
/// has to be undone, once more with a savepoint each.
///
/// A savepoint makes SQLite copy every page before it changes it, and misses are rare.
pub(crate) fn commit<'a>(
    connection: &Connection,
    txs: impl ExactSizeIterator<Item = &'a Tx> + Clone,
) -> Vec<Outcome> {
    together(connection, txs.clone()).unwrap_or_else(|| separately(connection, txs))
}

/// `None`, with nothing done, when one of several transactions has to be undone without the others.
fn together<'a>(
    connection: &Connection,
    txs: impl ExactSizeIterator<Item = &'a Tx> + Clone,
) -> Option<Vec<Outcome>> {
    if let Err(error) = execute(connection, "BEGIN IMMEDIATE") {
        return Some(fail_all(txs, error));
    }
    let attempts: Result<Vec<Done>, StoreError> =
        txs.clone().map(|tx| statements(connection, tx)).collect();
    match attempts {
        Ok(done) => Some(finish(connection, txs, done.into_iter().map(Ok).collect())),
        Err(error) => {
            undo(connection);
            (txs.len() == 1).then(|| vec![Err(error)])
        }
    }
}

/// Each is undone alone when its guard misses or a statement of it fails; all fail when the commit
/// does.
fn separately<'a>(
    connection: &Connection,
    txs: impl ExactSizeIterator<Item = &'a Tx> + Clone,
) -> Vec<Outcome> {
    if let Err(error) = execute(connection, "BEGIN IMMEDIATE") {
        return fail_all(txs, error);
    }
    let mut outcomes = Vec::with_capacity(txs.len());
    for tx in txs.clone() {
        outcomes.push(attempt(connection, tx));
        if connection.is_autocommit() {
            // A full disk or a failing one makes SQLite undo everything at once. What was
            // decided so far was decided on rows that are gone.
            return fail_all(txs, interrupted());
        }
    }
    finish(connection, txs, outcomes)
}

/// The outcomes count only when the commit does.
fn finish<'a>(
    connection: &Connection,
    txs: impl Iterator<Item = &'a Tx>,
    outcomes: Vec<Outcome>,
) -> Vec<Outcome> {
    match execute(connection, "COMMIT") {
        Ok(()) => outcomes,
        Err(error) => {
            undo(connection);
            fail_commit(txs, error)
        }
    }
}

fn fail_all<'a>(txs: impl Iterator<Item = &'a Tx>, error: rusqlite::Error) -> Vec<Outcome> {
    let cause = Cause::new(error);
    txs.map(|_| Err(StoreError::Unavailable(cause.clone())))
        .collect()
}

/// Every transaction fails, those whose guard missed too: it may have missed because of a row
/// that is not there any more.
fn fail_commit<'a>(txs: impl Iterator<Item = &'a Tx>, error: rusqlite::Error) -> Vec<Outcome> {
    // When the disk fails while the log is written, the end of the log may be there in full and
    // be found after a crash.
    let unknown = error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure);
    let source = Cause::new(error);
    txs.map(|tx| {
        let source = source.clone();
        Err(if unknown {
            StoreError::OutcomeUnknown {
                tx: tx.name(),
                source,
            }
        } else {
            StoreError::Unavailable(source)
        })
    })
    .collect()
}

/// Runs one transaction within the open one, and takes back what it did if it fails.
fn attempt(connection: &Connection, tx: &Tx) -> Outcome {
    let unavailable = |error| StoreError::Unavailable(Cause::new(error));
    execute(connection, "SAVEPOINT one").map_err(unavailable)?;
    let outcome = statements(connection, tx);
    if connection.is_autocommit() {
        return outcome;
    }
    if outcome.is_err() {
        execute(connection, "ROLLBACK TO one").map_err(unavailable)?;
    }
    execute(connection, "RELEASE one").map_err(unavailable)?;
    outcome
}

fn statements(connection: &Connection, tx: &Tx) -> Outcome {
    let mut done = Done::with_capacity(tx.stmts.len());
    for stmt in &tx.stmts {
        let changed = connection
            .prepare_cached(stmt.sql)
            .and_then(|mut statement| statement.execute(params_from_iter(&stmt.params)))
            .map_err(|error| sort(tx, stmt.sql, error))?;
        if stmt.guard && changed != 1 {
            let statement = catalogue::name(stmt.sql);
            return Err(StoreError::GuardMissed {
                tx: tx.name(),
                statement,
            });
        }
        done.push(stmt.sql, u64::try_from(changed).unwrap_or(u64::MAX));
    }
    Ok(done)
}

fn sort(tx: &Tx, sql: &'static str, error: rusqlite::Error) -> StoreError {
    let refused = is_refusal(&error);
    let source = Cause::new(error);
    if refused {
        StoreError::Refused {
            tx: tx.name(),
            statement: catalogue::name(sql),
            source,
        }
    } else {
        StoreError::Unavailable(source)
    }
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

/// Ends a transaction that could not be committed, so that the next one can begin. If even that
/// fails, the next `BEGIN` fails and says so to its callers.
fn undo(connection: &Connection) {
    if !connection.is_autocommit() {
        execute(connection, "ROLLBACK").unwrap_or_default();
    }
}

fn interrupted() -> rusqlite::Error {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT);
    rusqlite::Error::SqliteFailure(
        code,
        Some("the database undid the whole transaction".into()),
    )
}

/// Makes tables, and records it, in one transaction; see [`crate::migrate`].
pub(crate) fn apply(connection: &mut Connection, ddl: &str, record: &Tx) -> Result<(), StoreError> {
    let unavailable = |error| StoreError::Unavailable(Cause::new(error));
    execute(connection, "BEGIN IMMEDIATE").map_err(unavailable)?;
    let outcome = statements(connection, record).and_then(|_| {
        connection
            .execute_batch(ddl)
            .map_err(|error| sort(record, "-- migrate.apply", error))
    });
    match outcome {
        Ok(()) => execute(connection, "COMMIT").map_err(|error| {
            undo(connection);
            unavailable(error)
        }),
        Err(error) => {
            undo(connection);
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests;
