//! PostgreSQL: pools of connections, reads on any of them, writes through [`writers`].

mod attempt;
mod failure;
mod lanes;
mod newest;
mod transaction;
mod url;
mod value;
mod writers;

use std::{sync::Arc, time::Duration};

use deadpool_postgres::{Object, Pool};
use tokio_postgres::types::ToSql;

use crate::{
    Done, StoreError, StoreOptions, Tx, catalogue, error::Cause, row::Row, stats::Counters,
    tx::Value,
};

use failure::Kind;
use lanes::Lanes;

/// How long to wait for a connection of the pool, and as long for making one. Longer than a
/// failover's hiccup, shorter than a buyer's patience.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the server may work on one statement, and how long it keeps a transaction open for a
/// client that went silent with locks in its hands.
const SESSION: &str = "SET statement_timeout = '10s'; \
    SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '15s'";

/// How often a read is tried: a pooled connection may turn out to be dead, once for each.
const READ_ATTEMPTS: u32 = 3;

/// Longer than the server's own limit, so that this one is met only when the server is gone.
const READ_TIMEOUT: Duration = Duration::from_secs(12);

pub(crate) struct Postgres(Lanes);

impl Postgres {
    pub(crate) fn open(
        url: &str,
        options: &StoreOptions,
        counters: Arc<Counters>,
    ) -> Result<Self, StoreError> {
        let settings = url::parse(url)?;
        Ok(Self(Lanes::new(settings, options, counters)))
    }

    pub(crate) async fn run(&self, tx: Tx) -> Result<Done, StoreError> {
        self.0.lane()?.writers.run(tx).await
    }

    /// Reads. A read changes nothing, so one that was lost is simply repeated.
    pub(crate) async fn read(
        &self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let pool = self.0.lane()?.pool;
        let mut attempts = 1;
        loop {
            let client = connection(&pool).await?;
            let error = match tokio::time::timeout(READ_TIMEOUT, query(&client, sql, params)).await
            {
                Ok(Ok(rows)) => return Ok(rows),
                Ok(Err(error)) => error,
                Err(elapsed) => {
                    discard(client);
                    return Err(StoreError::Unavailable(Cause::new(elapsed)));
                }
            };
            match failure::kind(&error) {
                Kind::Refused => {
                    let (statement, source) = (catalogue::name(sql), failure::cause(error));
                    return Err(StoreError::Refused {
                        tx: "read",
                        statement,
                        source,
                    });
                }
                Kind::Again => {}
                Kind::ReadOnly | Kind::Unable | Kind::Stuck | Kind::Lost => discard(client),
            }
            if attempts == READ_ATTEMPTS {
                return Err(StoreError::Unavailable(failure::cause(error)));
            }
            attempts += 1;
        }
    }

    pub(crate) async fn apply(&self, ddl: &'static str, record: Tx) -> Result<(), StoreError> {
        let client = connection(&self.0.lane()?.pool).await?;
        let outcome = transaction::apply(&client, ddl, &record).await;
        // A connection that made tables or failed to is not worth keeping.
        discard(client);
        outcome
    }
}

async fn query(
    client: &Object,
    sql: &'static str,
    params: &[Value],
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let statement = client.prepare_cached(sql).await?;
    let rows = client.query(&statement, &borrowed(params)).await?;
    rows.iter().map(value::row).collect()
}

fn borrowed(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params
        .iter()
        .map(|param| param as &(dyn ToSql + Sync))
        .collect()
}

async fn connection(pool: &Pool) -> Result<Object, StoreError> {
    pool.get()
        .await
        .map_err(|error| StoreError::Unavailable(failure::pool_cause(error)))
}

/// Closes a connection whose state is not known. The pool makes another one, and with several
/// hosts in the URL that is how a failover is followed.
fn discard(client: Object) {
    drop(Object::take(client));
}
