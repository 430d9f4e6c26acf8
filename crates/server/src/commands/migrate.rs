//! `shouyin migrate`: brings the database to the schema that this program wants.

use std::io::Write;

use anyhow::{Context, bail};
use domain::{Clock, Millis};
use secrecy::ExposeSecret;
use store::{Engine, SchemaError, SchemaState, Store, StoreOptions};

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
fn open(config: &Config) -> anyhow::Result<Store> {
    let options = StoreOptions::default();
    Store::open(config.database.url.expose_secret(), options)
        .context("cannot open the database of `database.url`")
}

/// The database of the configuration, with a schema that fits this program.
pub(super) async fn open_ready(config: &Config) -> anyhow::Result<Store> {
    let store = open(config)?;
    make_ready(&store, SystemClock.now()).await?;
    Ok(store)
}

/// Sees to it that the schema fits this program. SQLite is migrated; several processes may share a
/// PostgreSQL, so there only the operator knows when it may change.
pub(super) async fn make_ready(store: &Store, now: Millis) -> anyhow::Result<SchemaState> {
    if store.engine() == Engine::Sqlite {
        let migrated = store.migrate(now).await;
        return migrated.context("cannot migrate the SQLite database");
    }
    let state = store
        .schema_state()
        .await
        .context("cannot read the schema version")?;
    let (current, wanted) = (state.current, state.wanted);
    if state.fits() {
        return Ok(state);
    }
    if state.is_newer() {
        bail!(SchemaError::TooNew {
            found: current,
            known: wanted
        });
    }
    bail!("the database has schema {current}, this program wants {wanted}; run `shouyin migrate`");
}
