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
    let mut tally = Tally::new(txs.len());
    match prepared.as_slice() {
        [] => Ok(tally.done),
        [(index, stmt, statement)] => {
            *phase = Phase::Committing;
            let outcome = client.execute(statement, &borrowed(&stmt.params)).await;
            // The statement was the commit: whether its loss is one is the caller's to say.
            tally.count(*index, stmt, outcome)?;
            Ok(tally.done)
        }
        several => {
            together(client, several, &mut tally, phase).await?;
            Ok(tally.done)
        }
    }
}

async fn together(
    client: &Object,
    prepared: &[(usize, &Stmt, Statement)],
    tally: &mut Tally,
    phase: &mut Phase,
) -> Result<(), Failure> {
    match pipelined(client, prepared, tally).await {
        Ok(()) => {
            *phase = Phase::Committing;
            let outcome = client.batch_execute("COMMIT").await;
            outcome.map_err(|error| Failure::Commit { error, sent: true })
        }
        Err(failure) => {
            let outcome = client.batch_execute("ROLLBACK").await;
            outcome.map_err(|error| Failure::Commit { error, sent: false })?;
            Err(failure)
        }
    }
}

/// Sends `BEGIN` and all statements, then waits for the answers in their order. The first failure
/// counts: what comes behind a missed guard may fail on account of it, and behind a statement that
/// failed every other does.
async fn pipelined(
    client: &ClientWrapper,
    prepared: &[(usize, &Stmt, Statement)],
    tally: &mut Tally,
) -> Result<(), Failure> {
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
    for (mut future, (index, stmt, _)) in sent.into_iter().zip(prepared) {
        future.as_mut().await;
        let outcome = future.as_mut().take_output().unwrap_or(Ok(0));
        tally.count(*index, stmt, outcome)?;
    }
    Ok(())
}

/// Counts changed rows by transaction, until one is not what it must be.
struct Tally {
    done: Vec<Done>,
}

impl Tally {
    fn new(transactions: usize) -> Self {
        let done = (0..transactions).map(|_| Done::with_capacity(4)).collect();
        Self { done }
    }

    fn count(
        &mut self,
        index: usize,
        stmt: &Stmt,
        outcome: Result<u64, Error>,
    ) -> Result<(), Failure> {
        let rows = outcome.map_err(|error| failed(index, stmt, error))?;
        if stmt.guard && rows != 1 {
            let statement = catalogue::name(stmt.sql);
            return Err(Failure::Guard { index, statement });
        }
        if let Some(done) = self.done.get_mut(index) {
            done.push(stmt.sql, rows);
        }
        Ok(())
    }
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
