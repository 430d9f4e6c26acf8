//! `shouyin migrate`: brings the database to the schema that this program wants.

use std::io::Write;

use anyhow::Context;
use domain::Clock;
use secrecy::ExposeSecret;
use store::{Store, StoreOptions};

use crate::clock::SystemClock;
use crate::config::Config;

/// Runs the command. Safe to repeat, and from several machines at once.
///
/// # Errors
/// A database that cannot be reached, or whose schema is newer or was changed; nothing half-done is
/// left behind.
pub async fn run(config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    let store = open(config)?;
    let before = store
        .schema_state()
        .await
        .context("cannot read the schema version")?
        .current;
    let after = store
        .migrate(SystemClock.now())
        .await
        .context("cannot migrate")?
        .current;
    if before == after {
        writeln!(
            out,
            "数据库结构已是最新 · the schema is up to date: {after}"
        )?;
    } else {
        writeln!(
            out,
            "数据库结构已升级 · schema migrated: {before} -> {after}"
        )?;
    }
    Ok(())
}

/// The database of the configuration, for a command that may run beside a server.
pub(super) fn open(config: &Config) -> anyhow::Result<Store> {
    let options = StoreOptions::default();
    Store::open(config.database.url.expose_secret(), options)
        .context("cannot open the database of `database.url`")
}
