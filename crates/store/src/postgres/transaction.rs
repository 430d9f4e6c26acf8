//! Transactions on one connection.
//!
//! One statement alone commits itself: one round trip. Several go out together behind their
//! `BEGIN`, without waiting for each other, and then the answers decide between `COMMIT` and
//! `ROLLBACK`: two round trips, however many statements, and however many transactions share it.

use std::{future::Future, future::poll_fn, pin::pin, task::Poll};

use deadpool_postgres::{ClientWrapper, Object};
use futures_util::future::maybe_done;
use tokio_postgres::{Error, Statement};

use crate::{Done, StoreError, Tx, catalogue, tx::Stmt};

use super::{borrowed, failure, failure::Kind};

/// Why several transactions did not commit together.
pub(super) enum Failure {
    /// A guard of transaction `index` missed.
    Guard {
        index: usize,
        statement: &'static str,
    },
    /// The database did not like a statement of transaction `index`.
    Statement {
        index: usize,
        statement: &'static str,
        error: Error,
    },
    /// `BEGIN` or `COMMIT` failed; all of them share that.
    Commit { error: Error, sent: bool },
}

/// How far it has come, for whoever stops waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing can have been kept.
    #[default]
    Before,
    /// The database was told to keep it.
    Committing,
}

/// Runs the transactions as one. Either all are kept or none.
pub(super) async fn run(
    client: &Object,
    txs: &[&Tx],
    phase: &mut Phase,
) -> Result<Vec<Done>, Failure> {
    let mut prepared = Vec::new();
    for (index, tx) in txs.iter().enumerate() {
        for stmt in &tx.stmts {
            let statement = client.prepare_cached(stmt.sql).await;
            prepared.push((
                index,
                stmt,
                statement.map_err(|error| failed(index, stmt, error))?,
            ));
        }
    }
    match prepared.as_slice() {
        [] => Ok(txs.iter().map(|_| Done::with_capacity(0)).collect()),
        [(index, stmt, statement)] => {
            *phase = Phase::Committing;
            let outcome = client.execute(statement, &borrowed(&stmt.params)).await;
            // The statement was the commit: whether its loss is one is the caller's to say.
            let rows = outcome.map_err(|error| failed(*index, stmt, error))?;
            collect(txs.len(), [(*index, *stmt, rows)])
        }
        several => together(client, txs.len(), several, phase).await,
    }
}

async fn together(
    client: &Object,
    count: usize,
    prepared: &[(usize, &Stmt, Statement)],
    phase: &mut Phase,
) -> Result<Vec<Done>, Failure> {
    let decided = match pipelined(client, prepared).await {
        Ok(rows) => {
            let rows = prepared.iter().zip(rows);
            collect(
                count,
                rows.map(|((index, stmt, _), rows)| (*index, *stmt, rows)),
            )
        }
        Err(failure) => Err(failure),
    };
    match decided {
        Ok(done) => {
            *phase = Phase::Committing;
            let outcome = client.batch_execute("COMMIT").await;
            outcome.map_err(|error| Failure::Commit { error, sent: true })?;
            Ok(done)
        }
        Err(failure) => {
            let outcome = client.batch_execute("ROLLBACK").await;
            outcome.map_err(|error| Failure::Commit { error, sent: false })?;
            Err(failure)
        }
    }
}

/// Sends `BEGIN` and all statements, then waits for the answers. The first failure counts: those
/// behind it only say that the transaction has failed already.
async fn pipelined(
    client: &ClientWrapper,
    prepared: &[(usize, &Stmt, Statement)],
) -> Result<Vec<u64>, Failure> {
    let mut begin = pin!(maybe_done(client.batch_execute("BEGIN")));
    let mut sent: Vec<_> = prepared
        .iter()
        .map(|(_, stmt, statement)| {
            Box::pin(maybe_done(async {
                client.execute(statement, &borrowed(&stmt.params)).await
            }))
        })
        .collect();
    // The driver sends a request when its future is polled first, so this order is the order on
    // the wire; `BEGIN` must be ahead of the rest. What cannot finish yet is waited for below.
    let _is_waiting = poll_fn(|context| {
        let mut waiting = begin.as_mut().poll(context).is_pending();
        for future in &mut sent {
            waiting |= future.as_mut().poll(context).is_pending();
        }
        Poll::Ready(waiting)
    })
    .await;
    begin.as_mut().await;
    let began = begin.as_mut().take_output().unwrap_or(Ok(()));
    began.map_err(|error| Failure::Commit { error, sent: false })?;
    let mut rows = Vec::with_capacity(sent.len());
    for (mut future, (index, stmt, _)) in sent.into_iter().zip(prepared) {
        future.as_mut().await;
        let outcome = future.as_mut().take_output().unwrap_or(Ok(0));
        rows.push(outcome.map_err(|error| failed(*index, stmt, error))?);
    }
    Ok(rows)
}

/// Sorts the counts by transaction, and finds the first guard that missed.
fn collect<'a>(
    count: usize,
    rows: impl IntoIterator<Item = (usize, &'a Stmt, u64)>,
) -> Result<Vec<Done>, Failure> {
    let mut done: Vec<Done> = (0..count).map(|_| Done::with_capacity(4)).collect();
    for (index, stmt, rows) in rows {
        if stmt.guard && rows != 1 {
            return Err(Failure::Guard {
                index,
                statement: catalogue::name(stmt.sql),
            });
        }
        if let Some(done) = done.get_mut(index) {
            done.push(stmt.sql, rows);
        }
    }
    Ok(done)
}

fn failed(index: usize, stmt: &Stmt, error: Error) -> Failure {
    Failure::Statement {
        index,
        statement: catalogue::name(stmt.sql),
        error,
    }
}

/// Makes tables, and records it, in one transaction; see [`crate::migrate`].
pub(super) async fn apply(
    client: &Object,
    ddl: &'static str,
    record: &Tx,
) -> Result<(), StoreError> {
    let sort = |statement: &'static str, error: Error| match failure::kind(&error) {
        Kind::Refused => {
            let source = failure::cause(error);
            StoreError::Refused {
                tx: record.name(),
                statement,
                source,
            }
        }
        Kind::Again | Kind::ReadOnly | Kind::Unable | Kind::Stuck | Kind::Lost => {
            StoreError::Unavailable(failure::cause(error))
        }
    };
    client
        .batch_execute("BEGIN")
        .await
        .map_err(|error| sort("migrate.begin", error))?;
    for stmt in &record.stmts {
        let statement = catalogue::name(stmt.sql);
        let rows = client.execute(stmt.sql, &borrowed(&stmt.params)).await;
        if rows.map_err(|error| sort(statement, error))? != 1 && stmt.guard {
            // The connection is closed afterwards, which undoes it.
            return Err(StoreError::GuardMissed {
                tx: record.name(),
                statement,
            });
        }
    }
    client
        .batch_execute(ddl)
        .await
        .map_err(|error| sort("migrate.apply", error))?;
    client
        .batch_execute("COMMIT")
        .await
        .map_err(|error| match failure::kind(&error) {
            Kind::Lost => StoreError::OutcomeUnknown {
                tx: record.name(),
                source: failure::cause(error),
            },
            Kind::Again | Kind::ReadOnly | Kind::Unable | Kind::Stuck | Kind::Refused => {
                sort("migrate.commit", error)
            }
        })
}
