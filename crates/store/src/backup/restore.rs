//! A copy takes the place of a database, which is kept under another name.
//!
//! By hand two things go wrong easily: a server that runs writes on to the file it has open, and a
//! log of the old database that is left beside the new one is read as if it were the new one's.
//!
//! | a crash | leaves |
//! |---|---|
//! | before the rename | the old database, whole, and perhaps its second name |
//! | after the rename | the new database, whole and checked |

use std::{
    fs, io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use super::{BackupError, Contents, Progress, check, copy_pages, file, folder_of, sync_folder};
use crate::{
    StoreError,
    sqlite::{beside, connection, lock},
};

/// What a restore did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What is in the database now.
    pub contents: Contents,
    /// Where the database of before is; `None` when there was none.
    pub kept: Option<PathBuf>,
}

/// Puts `backup` in the place of the database of `url`, which becomes `<file>.before-<label>`.
/// Checks the backup first, and does not change it. Blocks.
///
/// # Errors
/// [`BackupError::InUse`] while somebody serves from it; see [`BackupError`] for the others. After
/// any of them the database is what it was.
pub fn restore(
    url: &str,
    backup: &Path,
    label: &str,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Restored, BackupError> {
    let path = url.strip_prefix("sqlite:").ok_or(BackupError::NotSqlite)?;
    let path = Path::new(path);
    // Held until the end, so that nobody begins to serve in the middle.
    let _lock = lock(path).map_err(|error| match error {
        StoreError::InUse { path } => BackupError::InUse(path),
        other => BackupError::Lock(other),
    })?;
    let folder = folder_of(path);
    let unfinished = tempfile::Builder::new()
        .prefix(".shouyin-restore-")
        .tempfile_in(folder)
        .map_err(|source| file("write to the folder", folder, source))?;
    // By SQLite and not byte by byte: a backup made by copying may have a log of its own.
    copy_pages(backup, unfinished.path(), watch)?;
    let contents = check(unfinished.path())?;
    unfinished
        .as_file()
        .sync_all()
        .map_err(|source| file("sync", unfinished.path(), source))?;
    let kept = if path.exists() {
        Some(set_aside(path, label)?)
    } else {
        None
    };
    unfinished
        .persist(path)
        .map_err(|refused| file("put the copy in place of", path, refused.error))?;
    sync_folder(folder)?;
    Ok(Restored { contents, kept })
}

/// Gives the old database a second name, and takes its log away from the first.
fn set_aside(path: &Path, label: &str) -> Result<PathBuf, BackupError> {
    let kept = beside(path, &format!(".before-{label}"));
    if kept.exists() {
        return Err(BackupError::Exists(kept));
    }
    // A sound database takes its log in, and the log is then empty; a damaged one keeps its own.
    if let Ok(connection) = connection::open_writer(path) {
        drop(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
    }
    fs::hard_link(path, &kept).map_err(|source| file("keep the old database as", &kept, source))?;
    for suffix in ["-wal", "-shm"] {
        let log = beside(path, suffix);
        match fs::rename(&log, beside(&kept, suffix)) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(file("set aside", &log, source)),
        }
    }
    Ok(kept)
}
