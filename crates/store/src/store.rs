//! The door to the database: open it, run a transaction, read.

use std::{fmt, sync::Arc};

use domain::Millis;

#[cfg(feature = "shards")]
use crate::shards::Shards;
use crate::{
    Done, SchemaState, StoreError, StoreOptions, Tx, migrate,
    postgres::Postgres,
    row::Row,
    sqlite::Sqlite,
    stats::{Counters, Stats},
    tx::Value,
};

pub(crate) const STATEMENTS: &[&str] = &[PING, PROBE, END_PROBE];

const PING: &str = "-- store.ping
SELECT 1";

/// Nobody's job, there and gone in one transaction: nothing is left of it, but the disk had to take
/// it. (A row that is set to what it is would not do: SQLite sees that, and writes nothing.)
const PROBE: &str = "-- store.probe
INSERT INTO jobs (mch_id, kind, subject, due_at, attempts, leased_until, lease_token)
VALUES ($1, 'probe', 'disk', 0, 0, 0, '') ON CONFLICT (mch_id, kind, subject) DO NOTHING";

const END_PROBE: &str = "-- store.end_probe
DELETE FROM jobs WHERE mch_id = $1 AND kind = 'probe' AND subject = 'disk'";

/// The merchant of nobody's job; no merchant number is empty.
const NOBODY: &str = "";

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file, in this process.
    Sqlite,
    /// One server or several.
    Postgres,
}

/// An open database. Clones share it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    backend: Backend,
    counters: Arc<Counters>,
    instance: String,
}

pub(crate) enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
    #[cfg(feature = "simulation")]
    Memory(crate::memory::Door),
    #[cfg(feature = "shards")]
    Shards(Shards),
}

/// How many rows a read may return, and by that whether it may run on the calling task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// Found by a key or the beginning of one: a row, or a page of at most [`PAGE_MAX`] that lie
    /// side by side.
    Keyed,
    /// May pass over many rows before it finds enough.
    Scan,
}

/// The most rows of one page.
pub const PAGE_MAX: u32 = 100;

/// A page is between one row and [`PAGE_MAX`], whatever was asked for.
pub(crate) fn page_limit(limit: u32) -> Value {
    Value::Int(i64::from(limit.clamp(1, PAGE_MAX)))
}

impl Store {
    /// Opens `sqlite:PATH`, or `postgres://user@host:5432,host2/database?…`.
    ///
    /// An SQLite file is opened now, and made when it is missing. PostgreSQL is connected to at
    /// the first use, so a server may start before its database; see the crate page for the URL.
    ///
    /// # Errors
    /// [`StoreError::Config`], [`StoreError::InUse`], [`StoreError::Unavailable`].
    pub fn open(url: &str, options: StoreOptions) -> Result<Self, StoreError> {
        let counters = Arc::new(Counters::default());
        let backend = if let Some(path) = url.strip_prefix("sqlite:") {
            Backend::Sqlite(Sqlite::open(path, options.exclusive, counters.clone())?)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Backend::Postgres(Postgres::open(url, &options, counters.clone())?)
        } else {
            let expected = "expected `sqlite:PATH` or `postgres://…`";
            return Err(StoreError::Config(expected.into()));
        };
        Ok(Self(Arc::new(Inner {
            backend,
            counters,
            instance: options.instance,
        })))
    }

    /// A door to a database in memory.
    #[cfg(feature = "simulation")]
    pub(crate) fn in_memory(door: crate::memory::Door, instance: &str) -> Self {
        Self(Arc::new(Inner {
            backend: Backend::Memory(door),
            counters: Arc::default(),
            instance: instance.to_owned(),
        }))
    }

    /// The stores of several databases as one; see [`crate::shards`].
    #[cfg(feature = "shards")]
    pub(crate) fn of(backend: Backend) -> Self {
        Self(Arc::new(Inner {
            backend,
            counters: Arc::new(Counters::default()),
            instance: StoreOptions::default().instance,
        }))
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        match &self.0.backend {
            Backend::Sqlite(_) => Engine::Sqlite,
            Backend::Postgres(_) => Engine::Postgres,
            #[cfg(feature = "simulation")]
            Backend::Memory(_) => Engine::Sqlite,
            #[cfg(feature = "shards")]
            Backend::Shards(shards) => shards.engine(),
        }
    }

    /// Runs a transaction, wholly or not at all. When this returns `Ok`, it is durable.
    ///
    /// Dropping the future does not undo anything: a transaction that began is finished.
    ///
    /// # Errors
    /// Any but [`StoreError::Inconsistent`], [`StoreError::Schema`] and those of opening; each
    /// says whether something was done.
    pub async fn run(&self, tx: Tx) -> Result<Done, StoreError> {
        let outcome = match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.run(tx).await,
            Backend::Postgres(postgres) => postgres.run(tx).await,
            #[cfg(feature = "simulation")]
            Backend::Memory(door) => door.run(tx).await,
            #[cfg(feature = "shards")]
            Backend::Shards(shards) => shards.run(tx).await,
        };
        self.0.counters.count(&outcome);
        outcome
    }

    /// Reads with one statement of the catalogue.
    pub(crate) async fn read<const N: usize>(
        &self,
        kind: Read,
        sql: &'static str,
        params: [Value; N],
    ) -> Result<Vec<Row>, StoreError> {
        debug_assert!(crate::catalogue::knows(sql), "not in the catalogue: {sql}");
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.read(kind, sql, params.into()).await,
            Backend::Postgres(postgres) => postgres.read(sql, &params).await,
            #[cfg(feature = "simulation")]
            Backend::Memory(door) => door.read(sql, &params).await,
            #[cfg(feature = "shards")]
            Backend::Shards(shards) => shards.read(kind, sql, params).await,
        }
    }

    /// Reads at most one row, by its key.
    pub(crate) async fn read_one<const N: usize>(
        &self,
        sql: &'static str,
        params: [Value; N],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.read(Read::Keyed, sql, params).await?.pop())
    }

    /// Applies the migrations that are missing; see [`crate::SchemaState`] for looking first.
    /// Safe to repeat and to run from several processes at once.
    ///
    /// # Errors
    /// [`StoreError::Schema`], [`StoreError::Unavailable`].
    pub async fn migrate(&self, now: Millis) -> Result<SchemaState, StoreError> {
        #[cfg(feature = "shards")]
        if let Backend::Shards(shards) = &self.0.backend {
            return shards.migrate(now).await;
        }
        migrate::migrate(self, now).await
    }

    /// Which migrations are applied, and which this program wants.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; not for a schema that does not fit, which is an answer.
    pub async fn schema_state(&self) -> Result<SchemaState, StoreError> {
        #[cfg(feature = "shards")]
        if let Backend::Shards(shards) = &self.0.backend {
            return shards.schema_state().await;
        }
        migrate::state(self).await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read_one(PING, []).await.map(drop)
    }

    /// Whether the database takes a write now: writes something, and leaves nothing.
    ///
    /// # Errors
    /// Those of [`Store::run`]; [`StoreError::Refused`] when it was never migrated.
    pub async fn check_writable(&self) -> Result<(), StoreError> {
        let mut tx = Tx::new("check_writable");
        tx.push(PROBE, [NOBODY.into()]);
        tx.push(END_PROBE, [NOBODY.into()]);
        self.run(tx).await.map(drop)
    }

    /// Whether the database can do its work: it answers, and takes writes as far as is known. Only
    /// when the last write failed does this write something itself, so that asking often costs
    /// nothing, and a copy to which nobody sends work any more learns that it can work again.
    ///
    /// # Errors
    /// Those of reading and of [`Store::check_writable`].
    pub async fn check_ready(&self) -> Result<(), StoreError> {
        self.ping().await?;
        if self.0.counters.is_failing() {
            self.check_writable().await?;
        }
        Ok(())
    }

    /// Returns when this store can no longer be trusted to keep what it is given: the disk failed
    /// to confirm a write. Everything is refused from then on; only a new process, which reads
    /// what the disk has, knows more. Never returns on PostgreSQL, which ends itself in that case.
    pub async fn lost_trust(&self) {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.lost_trust().await,
            Backend::Postgres(_) => std::future::pending().await,
            #[cfg(feature = "simulation")]
            Backend::Memory(_) => std::future::pending().await,
            #[cfg(feature = "shards")]
            Backend::Shards(_) => std::future::pending().await,
        }
    }

    /// What was counted since the store was opened, for metrics.
    pub fn stats(&self) -> Stats {
        self.0.counters.snapshot()
    }

    /// A lease token that no other claim of any process has.
    pub(crate) fn lease_token(&self) -> String {
        format!("{}-{}", self.0.instance, self.0.counters.next_lease())
    }

    /// Runs the statements that make tables, as one transaction of its own. `record` enters the
    /// migration; when it changes no row, somebody else has applied it.
    pub(crate) async fn apply(&self, ddl: &'static str, record: Tx) -> Result<(), StoreError> {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.apply(ddl, record).await,
            Backend::Postgres(postgres) => postgres.apply(ddl, record).await,
            #[cfg(feature = "simulation")]
            Backend::Memory(door) => door.apply(ddl, &record),
            #[cfg(feature = "shards")]
            Backend::Shards(_) => Err(StoreError::Config("each shard makes its own".into())),
        }
    }
}

impl fmt::Debug for Store {
    /// Without the URL: it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.engine()).finish()
    }
}
