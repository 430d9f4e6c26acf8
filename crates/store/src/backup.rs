//! A copy of an SQLite database, made while a server writes to it.
//!
//! One read transaction is held for the whole copy, so the copy is one moment of the database,
//! however long it takes, and nobody who writes waits for it. Meanwhile the write-ahead log cannot
//! begin anew and grows by what is written. (`VACUUM INTO` would be smaller by the free pages, and
//! builds every index again; it cannot tell how far it is, and does not sync.)
//!
//! | a crash | leaves |
//! |---|---|
//! | while copying or checking | a hidden file `.shouyin-backup-…` beside the target, and no target |
//! | after the rename | a target that was checked and is on the disk |

mod restore;

use std::{
    fs::File,
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use rusqlite::{
    Connection, ErrorCode, OpenFlags,
    backup::{Backup, StepResult},
};

use crate::{StoreError, error::Cause, sqlite::connection};

pub use restore::{Restored, restore};

/// Pages between two reports of progress: 1 MB.
const PAGES_PER_STEP: i32 = 256;

/// How many damages of a copy are named; the first tells as much as all.
const DAMAGES_NAMED: u32 = 10;

/// The tables that are counted in the copy, by what people call their rows.
const COUNTED: [&str; 5] = ["orders", "refunds", "inbox", "outbox", "exceptions"];

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that are copied.
    pub done: u64,
    /// Bytes that there are.
    pub all: u64,
}

/// A database file that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Its size.
    pub bytes: u64,
    /// The newest migration in it; 0 when there is none.
    pub schema: i64,
    /// How many rows the tables that matter have; those that are not there yet are left out.
    pub rows: Vec<(&'static str, i64)>,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Only SQLite is one file.
    #[error("this copies an SQLite file; PostgreSQL has its own programs for it")]
    NotSqlite,
    /// Nothing is overwritten.
    #[error("`{0}` exists already and is not overwritten")]
    Exists(PathBuf),
    /// Somebody serves from the database that would be replaced.
    #[error("`{0}` is in use by a running `shouyin serve`; stop it first")]
    InUse(PathBuf),
    /// Nobody can say whether somebody serves from it.
    #[error("cannot find out whether a server is running")]
    Lock(#[source] StoreError),
    /// The file system refused.
    #[error("cannot {what} `{path}`")]
    File {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// SQLite refused: a missing or damaged file, a full disk.
    #[error("SQLite cannot {what} `{path}`")]
    Sqlite {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// What it said.
        #[source]
        source: Cause,
    },
    /// The file is not sound, so there is nothing to rely on.
    #[error("`{path}` is damaged: {damages}")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// The first damages, in SQLite's words.
        damages: String,
    },
    /// The caller wanted no more.
    #[error("stopped; nothing was kept")]
    Stopped,
}

/// Copies the database of `url` to `target`, which must not exist, checks the copy, and returns
/// when it is on the disk. Blocks. `watch` is told how far it is and can stop it.
///
/// # Errors
/// See [`BackupError`]; after any of them there is no `target`.
pub fn copy(
    url: &str,
    target: &Path,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Contents, BackupError> {
    let source = PathBuf::from(url.strip_prefix("sqlite:").ok_or(BackupError::NotSqlite)?);
    if target.exists() {
        return Err(BackupError::Exists(target.to_owned()));
    }
    let folder = folder_of(target);
    // Made readable by its owner only: it holds openids and the signing keys of webhooks.
    let unfinished = tempfile::Builder::new()
        .prefix(".shouyin-backup-")
        .tempfile_in(folder)
        .map_err(|source| file("write to the folder", folder, source))?;
    copy_pages(&source, unfinished.path(), watch)?;
    let contents = check(unfinished.path())?;
    unfinished
        .as_file()
        .sync_all()
        .map_err(|source| file("sync", target, source))?;
    unfinished
        .persist_noclobber(target)
        .map_err(|refused| match refused.error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(target.to_owned()),
            _ => file("name the copy", target, refused.error),
        })?;
    sync_folder(folder)?;
    Ok(contents)
}

fn copy_pages(
    source: &Path,
    target: &Path,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<(), BackupError> {
    let reading = |error| sqlite("read", source, error);
    let writing = |error| sqlite("write", target, error);
    let from = connection::open_reader(source).map_err(reading)?;
    let page = page_size(&from).map_err(reading)?;
    // The moment that is copied: without it, every commit of a server would begin the copy anew.
    from.execute_batch("BEGIN; SELECT COUNT(*) FROM sqlite_schema;")
        .map_err(reading)?;
    let mut to = Connection::open(target).map_err(writing)?;
    // What becomes of a copy that is not finished does not matter; a finished one is synced.
    to.execute_batch("PRAGMA synchronous = OFF")
        .map_err(writing)?;
    let copying = Backup::new(&from, &mut to).map_err(writing)?;
    loop {
        let step = copying.step(PAGES_PER_STEP).map_err(writing)?;
        let progress = copying.progress();
        let bytes = |count: i32| u64::try_from(count).unwrap_or_default() * page;
        let all = bytes(progress.pagecount);
        let done = all.saturating_sub(bytes(progress.remaining));
        let wanted = watch(Progress { done, all });
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More if wanted.is_break() => return Err(BackupError::Stopped),
            StepResult::More => {}
            // The source is read in a log and nobody else has the target, so there is no lock to
            // wait for. (The enum is not ours and may grow.)
            _ => return Err(writing(locked())),
        }
    }
}

fn locked() -> rusqlite::Error {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
    rusqlite::Error::SqliteFailure(code, None)
}

fn page_size(connection: &Connection) -> rusqlite::Result<u64> {
    let size: u32 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    Ok(size.into())
}

/// Whether a database file is sound, and what is in it. Makes it one file that needs no log beside
/// it.
///
/// # Errors
/// [`BackupError::Damaged`], and when it cannot be read.
pub fn check(path: &Path) -> Result<Contents, BackupError> {
    let reading = |error| sqlite("check", path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(reading)?;
    connection
        .pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))
        .map_err(reading)?;
    let damages = damages(&connection).map_err(reading)?;
    if damages != "ok" {
        let path = path.to_owned();
        return Err(BackupError::Damaged { path, damages });
    }
    let pages: u32 = connection
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .map_err(reading)?;
    Ok(Contents {
        bytes: u64::from(pages) * page_size(&connection).map_err(reading)?,
        schema: count(&connection, "SELECT MAX(version)", "schema_migrations")
            .map_err(reading)?
            .unwrap_or(0),
        rows: rows(&connection).map_err(reading)?,
    })
}

fn damages(connection: &Connection) -> rusqlite::Result<String> {
    let pragma = format!("PRAGMA integrity_check({DAMAGES_NAMED})");
    let mut statement = connection.prepare(&pragma)?;
    let lines: rusqlite::Result<Vec<String>> = statement.query_map([], |row| row.get(0))?.collect();
    Ok(lines?.join("; "))
}

fn rows(connection: &Connection) -> rusqlite::Result<Vec<(&'static str, i64)>> {
    let mut rows = Vec::with_capacity(COUNTED.len());
    for table in COUNTED {
        if let Some(count) = count(connection, "SELECT COUNT(*)", table)? {
            rows.push((table, count));
        }
    }
    Ok(rows)
}

/// `None` when there is no such table.
fn count(connection: &Connection, what: &str, table: &str) -> rusqlite::Result<Option<i64>> {
    if !connection.table_exists(None, table)? {
        return Ok(None);
    }
    connection.query_row(&format!("{what} FROM {table}"), [], |row| row.get(0))
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// The new name is on the disk only when its folder is.
fn sync_folder(folder: &Path) -> Result<(), BackupError> {
    // Windows does not open folders, and does not need it.
    if cfg!(unix) {
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|source| file("sync the folder", folder, source))?;
    }
    Ok(())
}

fn file(what: &'static str, path: &Path, source: io::Error) -> BackupError {
    BackupError::File {
        what,
        path: path.to_owned(),
        source,
    }
}

fn sqlite(what: &'static str, path: &Path, error: rusqlite::Error) -> BackupError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => BackupError::Damaged {
            path,
            damages: error.to_string(),
        },
        _ => BackupError::Sqlite {
            what,
            path,
            source: Cause::new(error),
        },
    }
}
