//! Migrations: plain SQL files in the program, each applied once, in order, by whoever comes
//! first.
//!
//! A migration and the row that records it are one transaction, and the row is inserted first:
//! of two processes the second waits for the first at that row and then finds it there. That
//! needs no advisory lock, which not every PostgreSQL relative has. Migrations only add; what is
//! to go is removed a release later, so that two versions of the program can run side by side. A
//! migration that programs without it would not survive says so in `schema_breaks`.

use domain::Millis;
use sha2::{Digest, Sha256};

use crate::{Engine, SchemaError, Store, StoreError, Tx, error::Cause, row::Columns, store::Read};

pub(crate) const STATEMENTS: &[&str] = &[RECORD, APPLIED, OLDEST_PROGRAM];

const RECORD: &str = "-- migrate.record
INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (version) DO NOTHING";

const APPLIED: &str = "-- migrate.applied
SELECT version, checksum FROM schema_migrations ORDER BY version";

const OLDEST_PROGRAM: &str = "-- migrate.oldest_program
SELECT COALESCE(MAX(oldest_program), 0) FROM schema_breaks";

/// The one table that no migration makes.
const BOOTSTRAP: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL,
    applied_at BIGINT NOT NULL)";

/// How often [`BOOTSTRAP`] is tried: PostgreSQL lets one of two that create the same table at the
/// same moment fail, although both say `IF NOT EXISTS`.
const BOOTSTRAP_ATTEMPTS: u32 = 3;

struct Migration {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migration {
    ($version:literal, $file:literal) => {
        Migration {
            version: $version,
            name: $file,
            sqlite: include_str!(concat!("../migrations/sqlite/", $file, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $file, ".sql")),
        }
    };
}

const MIGRATIONS: &[Migration] = &[
    migration!(1, "0001_initial"),
    migration!(2, "0002_refunds"),
    migration!(3, "0003_events_and_webhooks"),
    migration!(4, "0004_schema_breaks_and_inbox_by_age"),
    migration!(5, "0005_reconciliation"),
];

/// How far the tables of a database are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaState {
    /// The newest migration that is applied; 0 when none is.
    pub current: i64,
    /// The newest migration that this program has.
    pub wanted: i64,
    /// The newest migration that a program must have to work on these tables, when they are newer
    /// than this program; else 0.
    pub oldest_program: i64,
}

impl SchemaState {
    /// Whether the tables are what this program wants.
    pub const fn is_current(self) -> bool {
        self.current == self.wanted
    }

    /// Whether a newer program migrated them.
    pub const fn is_newer(self) -> bool {
        self.current > self.wanted
    }

    /// Whether this program can work on them: they are what it wants, or newer and fit it still.
    pub const fn fits(self) -> bool {
        self.is_current() || (self.is_newer() && self.oldest_program <= self.wanted)
    }
}

impl Migration {
    fn sql(&self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }

    /// Without carriage returns: git on Windows adds them, and they change nothing.
    fn checksum(&self, engine: Engine) -> String {
        let text = self.sql(engine).replace('\r', "");
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn wanted() -> i64 {
    MIGRATIONS.last().map_or(0, |newest| newest.version)
}

pub(crate) async fn migrate(store: &Store, now: Millis) -> Result<SchemaState, StoreError> {
    bootstrap(store).await?;
    let before = applied(store).await?;
    verify(store.engine(), &before)?;
    let state = state_of(store, &before).await?;
    if state.is_newer() && !state.fits() {
        return Err(too_new(state).into());
    }
    for migration in MIGRATIONS {
        if !before
            .iter()
            .any(|(version, _)| *version == migration.version)
        {
            apply(store, migration, now).await?;
        }
    }
    // Whoever was first may have applied another text under the same number.
    let after = applied(store).await?;
    verify(store.engine(), &after)?;
    let state = state_of(store, &after).await?;
    if !state.fits() {
        return Err(too_new(state).into());
    }
    Ok(state)
}

pub(crate) async fn state(store: &Store) -> Result<SchemaState, StoreError> {
    match applied(store).await {
        Ok(applied) => state_of(store, &applied).await,
        // The table itself is missing: nothing was ever migrated.
        Err(StoreError::Refused { .. }) => state_of(store, &[]).await,
        Err(error) => Err(error),
    }
}

async fn state_of(store: &Store, applied: &[(i64, String)]) -> Result<SchemaState, StoreError> {
    let mut state = SchemaState {
        current: applied.last().map_or(0, |(version, _)| *version),
        wanted: wanted(),
        oldest_program: 0,
    };
    // A newer database has all that we have, and so the table.
    if state.is_newer()
        && let Some(row) = store.read_one(OLDEST_PROGRAM, []).await?
    {
        state.oldest_program = Columns::keyed("schema_breaks", row).int("oldest_program")?;
    }
    Ok(state)
}

fn too_new(state: SchemaState) -> SchemaError {
    SchemaError::TooNew {
        found: state.current,
        known: state.wanted,
    }
}

async fn bootstrap(store: &Store) -> Result<(), StoreError> {
    let mut attempts = 1;
    loop {
        match store
            .apply(BOOTSTRAP, Tx::new("create_schema_migrations"))
            .await
        {
            Err(StoreError::Refused { .. }) if attempts < BOOTSTRAP_ATTEMPTS => attempts += 1,
            outcome => return outcome,
        }
    }
}

async fn apply(store: &Store, migration: &Migration, now: Millis) -> Result<(), StoreError> {
    let engine = store.engine();
    let mut record = Tx::new("migrate");
    let params = [
        migration.version.into(),
        migration.name.into(),
        migration.checksum(engine).into(),
        now.into(),
    ];
    record.guarded(RECORD, params);
    match store.apply(migration.sql(engine), record).await {
        // Somebody else applied it in the meantime.
        Err(StoreError::GuardMissed { .. }) => Ok(()),
        Err(StoreError::Refused { source, .. }) => Err(failed(migration, source).into()),
        outcome => outcome,
    }
}

fn failed(migration: &Migration, source: Cause) -> SchemaError {
    SchemaError::Failed {
        version: migration.version,
        name: migration.name,
        source,
    }
}

/// The migrations in the database, oldest first, with their checksums.
async fn applied(store: &Store) -> Result<Vec<(i64, String)>, StoreError> {
    let rows = store.read(Read::Keyed, APPLIED, []).await?;
    rows.into_iter()
        .map(|row| {
            let mut row = Columns::keyed("schema_migrations", row);
            Ok((row.int("version")?, row.text("checksum")?))
        })
        .collect()
}

fn verify(engine: Engine, applied: &[(i64, String)]) -> Result<(), SchemaError> {
    for (version, checksum) in applied {
        match MIGRATIONS
            .iter()
            .find(|migration| migration.version == *version)
        {
            // A newer program's; whether it fits us stands in the database.
            None => {}
            Some(known) if known.checksum(engine) != *checksum => {
                return Err(SchemaError::Changed {
                    version: *version,
                    name: known.name,
                });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_without_gaps() {
        let versions: Vec<i64> = MIGRATIONS
            .iter()
            .map(|migration| migration.version)
            .collect();
        let expected: Vec<i64> = (1..=wanted()).collect();
        assert_eq!(versions, expected);
        for migration in MIGRATIONS {
            assert!(
                migration
                    .name
                    .starts_with(&format!("{:04}_", migration.version))
            );
        }
    }

    #[test]
    fn a_changed_migration_is_refused_and_an_unknown_one_is_not() {
        let good = MIGRATIONS[0].checksum(Engine::Sqlite);
        let newer = [(1, good), (wanted() + 1, String::new())];
        assert_eq!(verify(Engine::Sqlite, &newer), Ok(()));
        let changed = verify(Engine::Sqlite, &[(1, "other".into())]);
        assert!(matches!(
            changed,
            Err(SchemaError::Changed { version: 1, .. })
        ));
    }

    #[test]
    fn a_newer_schema_fits_who_knows_enough_of_it() {
        let state = |current, oldest_program| SchemaState {
            current,
            wanted: 5,
            oldest_program,
        };
        for (state, fits) in [
            (state(5, 0), true),
            (state(4, 0), false),
            (state(9, 0), true),
            (state(9, 5), true),
            (state(9, 6), false),
        ] {
            assert_eq!(state.fits(), fits, "{state:?}");
        }
    }

    #[test]
    fn every_key_of_the_schema_begins_with_the_merchant() {
        for migration in MIGRATIONS {
            for engine in [Engine::Sqlite, Engine::Postgres] {
                for line in migration.sql(engine).lines().map(str::trim) {
                    let key = line
                        .strip_prefix("PRIMARY KEY (")
                        .or_else(|| line.strip_prefix("UNIQUE ("))
                        .or_else(|| line.strip_prefix("FOREIGN KEY ("))
                        .or_else(|| {
                            line.starts_with("CREATE ")
                                .then(|| line.split_once('('))?
                                .map(|(_, key)| key)
                        });
                    if let Some(key) = key.filter(|key| !key.is_empty()) {
                        assert!(key.starts_with("mch_id"), "{line}");
                    }
                    // A key that is declared at its column would be missed above.
                    assert!(!line.contains("NULL PRIMARY KEY") && !line.contains("NULL UNIQUE"));
                }
            }
        }
    }
}
