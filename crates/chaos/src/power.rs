//! A power cut. `kill -9` leaves everything that was written, because the kernel still has it; a
//! power cut leaves what was synced. [`Faults::keep_images_of`] had the shim keep what each file
//! was when it was synced last, and here those images take the files' places.
//!
//! [`Faults::keep_images_of`]: crate::faults::Faults::keep_images_of

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Gives an SQLite database, whose process must be dead, the state that the disk alone had.
///
/// # Errors
/// When a file cannot be put back.
pub fn cut(database: &Path) -> Result<()> {
    for suffix in ["", "-wal"] {
        let file = with_suffix(database, suffix);
        let image = with_suffix(&file, ".synced");
        if image.exists() {
            fs::copy(&image, &file)
                .with_context(|| format!("cannot restore {}", file.display()))?;
        }
    }
    // Memory that processes shared: it is gone.
    remove_if_there(&with_suffix(database, "-shm"))
}

/// How long the log was when it was synced last: what lies behind that may be torn.
///
/// # Errors
/// When it was never synced.
pub fn synced_length(database: &Path) -> Result<u64> {
    let image = with_suffix(&wal(database), ".synced");
    let about = fs::metadata(&image).context("the log was never synced")?;
    Ok(about.len())
}

/// The write-ahead log of a database.
pub fn wal(database: &Path) -> PathBuf {
    with_suffix(database, "-wal")
}

/// Removes a file that may be there.
///
/// # Errors
/// When it is there and stays.
pub fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The file beside this one whose name is longer by `suffix`.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut longer = path.as_os_str().to_owned();
    longer.push(suffix);
    longer.into()
}
