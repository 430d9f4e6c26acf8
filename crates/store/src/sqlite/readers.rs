//! Connections that read, lent out one at a time.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use rusqlite::{Connection, params_from_iter};

use crate::{StoreError, catalogue, error::Cause, row::Row, sqlite::connection, tx::Value};

/// How many connections are kept when nobody reads. A thread that finds none opens one, so there
/// are never more than threads; what exceeds this is closed again. Each keeps up to 1 MB of pages.
const KEPT_MAX: usize = 8;

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            idle: Mutex::new(Vec::new()),
        }
    }

    pub(super) fn read(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let connection = self.take().map_err(|error| sort(sql, error))?;
        let rows = query(&connection, sql, params).map_err(|error| sort(sql, error));
        self.put_back(connection);
        rows
    }

    fn take(&self) -> rusqlite::Result<Connection> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        idle.map_or_else(|| connection::open_reader(&self.path), Ok)
    }

    fn put_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT_MAX {
            idle.push(connection);
        }
    }
}

pub(crate) fn query(
    connection: &Connection,
    sql: &str,
    params: &[Value],
) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(sql)?;
    statement
        .query_map(params_from_iter(params), connection::row)?
        .collect()
}

pub(crate) fn sort(sql: &'static str, error: rusqlite::Error) -> StoreError {
    if super::is_refusal(&error) {
        let statement = catalogue::name(sql);
        StoreError::Refused {
            tx: "read",
            statement,
            source: Cause::new(error),
        }
    } else {
        super::unavailable(error)
    }
}
