//! One attempt to commit, and what a failure of it means.

use std::time::Duration;

use deadpool_postgres::{Object, Pool};
use tokio_postgres::Error;

use crate::{Done, StoreError, Tx, error::Cause};

use super::{
    connection, discard,
    failure::{self, Kind},
    transaction::{self, Failure, Phase},
};

/// Longer than the server's own limits, so that this one is met only when the server is gone.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Why an attempt to commit did not succeed.
pub(super) enum Setback {
    /// One of the transactions is at fault; nothing of any was kept.
    Spoiled { index: usize, error: StoreError },
    /// Nothing was kept. `again`: the same may succeed at once, on another connection.
    Undone { again: bool, cause: Cause },
    /// Everything was kept or nothing.
    Unknown(Cause),
}

/// Commits the transactions together.
pub(super) async fn attempt(pool: &Pool, txs: &[&Tx]) -> Result<Vec<Done>, Setback> {
    let client = match connection(pool).await {
        Ok(client) => client,
        Err(StoreError::Unavailable(cause)) => {
            return Err(Setback::Undone {
                again: false,
                cause,
            });
        }
        Err(error) => {
            return Err(Setback::Undone {
                again: false,
                cause: Cause::new(error),
            });
        }
    };
    let mut phase = Phase::Before;
    let outcome = tokio::time::timeout(TIMEOUT, transaction::run(&client, txs, &mut phase)).await;
    match outcome {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(failure)) => Err(setback(client, txs, phase, failure)),
        Err(elapsed) => {
            discard(client);
            let cause = Cause::new(elapsed);
            Err(match phase {
                Phase::Before => Setback::Undone {
                    again: false,
                    cause,
                },
                Phase::Committing => Setback::Unknown(cause),
            })
        }
    }
}

fn setback(client: Object, txs: &[&Tx], phase: Phase, failure: Failure) -> Setback {
    let name = |index: usize| txs.get(index).map_or("unknown", |tx| tx.name());
    match failure {
        Failure::Guard { index, statement } => {
            let error = StoreError::GuardMissed {
                tx: name(index),
                statement,
            };
            Setback::Spoiled { index, error }
        }
        Failure::Statement {
            index,
            statement,
            error,
        } => match failure::kind(&error) {
            Kind::Refused => {
                let (tx, source) = (name(index), failure::cause(error));
                let error = StoreError::Refused {
                    tx,
                    statement,
                    source,
                };
                Setback::Spoiled { index, error }
            }
            Kind::Stuck => {
                let error = StoreError::Unavailable(failure::cause(error));
                Setback::Spoiled { index, error }
            }
            kind @ (Kind::Again | Kind::ReadOnly | Kind::Unable | Kind::Lost) => {
                all(client, kind, phase, error)
            }
        },
        Failure::Commit { error, sent } => {
            let phase = if sent {
                Phase::Committing
            } else {
                Phase::Before
            };
            all(client, failure::kind(&error), phase, error)
        }
    }
}

/// What an error means that is nobody's own.
fn all(client: Object, kind: Kind, phase: Phase, error: Error) -> Setback {
    let cause = failure::cause(error);
    match (kind, phase) {
        (Kind::Again, _) => Setback::Undone { again: true, cause },
        (Kind::ReadOnly, _) | (Kind::Lost, Phase::Before) => {
            discard(client);
            Setback::Undone { again: true, cause }
        }
        (Kind::Lost, Phase::Committing) => {
            discard(client);
            Setback::Unknown(cause)
        }
        (Kind::Unable | Kind::Stuck | Kind::Refused, _) => {
            discard(client);
            Setback::Undone {
                again: false,
                cause,
            }
        }
    }
}
