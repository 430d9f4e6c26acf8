//! Opening connections, and the values on their way in and out.

use std::{path::Path, time::Duration};

use rusqlite::{
    Connection, OpenFlags, ToSql,
    config::DbConfig,
    types::{ToSqlOutput, ValueRef},
};

use crate::{row::Row, tx::Value};

/// How long to wait for another process that writes, for instance `shouyin goods import`.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// More than the catalogue has statements, so that each is compiled once.
const STATEMENTS_KEPT: usize = 128;

/// 16 MB, written as SQLite wants it. Each order touches another place of the buyers' index; with
/// the usual 2 MB most of those pages are read again each time, a third of all the work.
const WRITER_CACHE: i64 = -16_384;

/// 1 MB: what readers look at is in the system's own cache as well.
const READER_CACHE: i64 = -1024;

/// The connection that writes.
///
/// `synchronous = FULL` makes a commit wait for the disk: NORMAL is four times as fast and loses
/// the last payments in a power cut. The log is copied back every 4000 pages (16 MB) instead of
/// 1000, because copying waits for the disk as well.
pub(crate) fn open_writer(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    )?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        // On a network share, for instance: readers there would wait for the writer, and worse.
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
        let reason = "this file system cannot hold a write-ahead log; use a local disk";
        return Err(rusqlite::Error::SqliteFailure(code, Some(reason.into())));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 4000, |_| Ok(()))?;
    // Savepoints keep what they may have to undo; in memory instead of in a file.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", WRITER_CACHE)?;
    Ok(connection)
}

/// A connection that reads. It may write to the shared index of the log, but not to tables.
pub(crate) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", READER_CACHE)?;
    Ok(connection)
}

/// One that keeps nothing.
#[cfg(feature = "simulation")]
pub(crate) fn open_in_memory() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    settle(connection)
}

fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    // Each connection is used by one thread at a time; its own locks would only cost.
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    settle(Connection::open_with_flags(path, flags)?)
}

fn settle(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Otherwise a statement whose plan could depend on a parameter is compiled again each time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(connection)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Takes a row out of SQLite. Tables are STRICT, so no column is a float.
pub(super) fn row(source: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let columns = source.as_ref().column_count();
    let mut values = Vec::with_capacity(columns);
    for column in 0..columns {
        values.push(match source.get_ref(column)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Int(number),
            ValueRef::Text(_) => Value::Text(source.get(column)?),
            ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
            ValueRef::Real(_) => {
                let name = source.as_ref().column_name(column)?.to_owned();
                let kind = rusqlite::types::Type::Real;
                return Err(rusqlite::Error::InvalidColumnType(column, name, kind));
            }
        });
    }
    Ok(Row(values))
}
