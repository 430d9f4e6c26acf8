//! SQLite: one thread writes, readers read beside it (WAL).
//!
//! **Reads by key run on the calling task.** That is right because they are short and bounded: the
//! rows lie side by side under one key, at most [`PAGE_MAX`](crate::PAGE_MAX) of them, nearly
//! always in memory; a point read takes a few microseconds, a page about a hundred, and a hop to
//! another thread and back costs more than that. A reader never waits for the writer. The bound
//! is a page of rows read from a cold disk: some milliseconds, once. Whatever may pass over more
//! rows than it returns ([`Read::Scan`]) goes to the blocking threads instead.

pub(crate) mod connection;
pub(crate) mod readers;
pub(crate) mod writer;

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    Done, StoreError, Tx, error::Cause, row::Row, stats::Counters, store::Read, tx::Value,
};

use readers::Readers;
use writer::Writer;

pub(crate) struct Sqlite {
    readers: Arc<Readers>,
    writer: Writer,
    path: PathBuf,
    /// Held as long as the store; see [`lock`].
    _lock: Option<File>,
}

impl Sqlite {
    pub(crate) fn open(
        path: &str,
        exclusive: bool,
        counters: Arc<Counters>,
    ) -> Result<Self, StoreError> {
        if path.is_empty() || path.starts_with(':') {
            let reason = "expected a file after `sqlite:`; a database in memory would lose money";
            return Err(StoreError::Config(reason.into()));
        }
        let path = PathBuf::from(path);
        let lock = if exclusive { Some(lock(&path)?) } else { None };
        let writer = connection::open_writer(&path).map_err(unavailable)?;
        Ok(Self {
            readers: Arc::new(Readers::new(path.clone())),
            writer: Writer::start(writer, counters)
                .map_err(|error| StoreError::Unavailable(Cause::new(error)))?,
            path,
            _lock: lock,
        })
    }

    pub(crate) async fn run(&self, tx: Tx) -> Result<Done, StoreError> {
        self.writer.run(tx).await
    }

    /// See [`crate::Store::lost_trust`].
    pub(crate) async fn lost_trust(&self) {
        self.writer.lost_trust().await;
    }

    pub(crate) async fn read(
        &self,
        kind: Read,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        match kind {
            Read::Keyed => self.readers.read(sql, &params),
            Read::Scan => {
                let readers = self.readers.clone();
                blocking(move || readers.read(sql, &params)).await
            }
        }
    }

    pub(crate) async fn apply(&self, ddl: &'static str, record: Tx) -> Result<(), StoreError> {
        let path = self.path.clone();
        blocking(move || {
            let mut connection = connection::open_writer(&path).map_err(unavailable)?;
            writer::apply(&mut connection, ddl, &record)
        })
        .await
    }
}

/// Runs something slow on the threads that are there for it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let outcome = tokio::task::spawn_blocking(work).await;
    outcome.unwrap_or_else(|error| Err(StoreError::Unavailable(Cause::new(error))))
}

/// Locks a file beside the database, not the database itself: SQLite's own locks must keep
/// working for commands that run beside a server. The operating system gives the lock back when
/// the process ends, however it ends.
pub(crate) fn lock(path: &Path) -> Result<File, StoreError> {
    let file = File::options()
        .create(true)
        .append(true)
        .open(beside(path, "-serving"));
    let file = file.map_err(|error| StoreError::Unavailable(Cause::new(error)))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(StoreError::Unavailable(Cause::new(error))),
    }
}

/// The file that belongs to a database and has this suffix.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The database cannot be used now; nothing was done.
pub(crate) fn unavailable(error: rusqlite::Error) -> StoreError {
    StoreError::Unavailable(Cause::new(error))
}

/// Whether the disk was asked to confirm what had been written, and did not.
///
/// From then on the operating system's memory and the disk may differ, and asking again proves
/// nothing: the kernel reports such a failure once and then takes what it still has in memory for
/// written. What was committed before is safe, and only reading it back from the disk tells what
/// became of the rest.
fn is_unconfirmed(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_IOERR_DIR_FSYNC, SQLITE_IOERR_FSYNC};

    let code = error.sqlite_error().map(|error| error.extended_code);
    matches!(code, Some(SQLITE_IOERR_FSYNC | SQLITE_IOERR_DIR_FSYNC))
}

/// Whether the statement is at fault, rather than the disk, the lock or the file.
fn is_refusal(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode as Code;

    match error.sqlite_error_code() {
        // The disk, the lock, the file: the statement may be right and work later.
        Some(
            Code::DatabaseBusy
            | Code::DatabaseLocked
            | Code::OutOfMemory
            | Code::ReadOnly
            | Code::OperationInterrupted
            | Code::SystemIoFailure
            | Code::DatabaseCorrupt
            | Code::DiskFull
            | Code::CannotOpen
            | Code::FileLockingProtocolFailed
            | Code::NotADatabase,
        ) => false,
        // A broken constraint, a missing table, a wrong type. (`ErrorCode` is not ours and may
        // grow, so the rest is not written out.)
        Some(_) | None => true,
    }
}
