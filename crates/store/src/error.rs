//! What can go wrong at a database, sorted by what the caller does next.

use std::{error::Error, fmt, path::PathBuf, sync::Arc};

/// Why a call to the store failed.
///
/// Cloneable, because one failed commit fails every transaction in it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A guarded statement did not change its one row: somebody else was first, or there is no
    /// such row. Nothing of the transaction was kept. Read again and decide again.
    #[error(
        "`{statement}` in `{tx}` found its row changed or missing; read again and decide again"
    )]
    GuardMissed {
        /// The name of the transaction.
        tx: &'static str,
        /// The name of the statement, as in [`crate::catalogue`].
        statement: &'static str,
    },
    /// More is waiting to be written than can be written soon. Nothing was done; try later.
    #[error("{waiting} transactions are waiting already; nothing was done, try again later")]
    Busy {
        /// How many are waiting.
        waiting: usize,
    },
    /// The database cannot be reached or cannot write. Nothing was done; try again later.
    #[error("the database is not available; nothing was done, try again later")]
    Unavailable(#[source] Cause),
    /// The database was lost while it committed: the transaction is kept whole or not at all, and
    /// nobody can say which. Read by key before anything else.
    #[error("the database was lost while `{tx}` committed; read by key whether it was kept")]
    OutcomeUnknown {
        /// The name of the transaction.
        tx: &'static str,
        /// What happened.
        #[source]
        source: Cause,
    },
    /// A row holds what no code of ours writes. Somebody must look; trying again cannot help.
    #[error("table `{table}`, row `{row}`: column `{column}` holds what it cannot hold")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The first column that does not fit the others.
        column: &'static str,
        /// The row's key.
        row: String,
    },
    /// The database refused a statement: a broken constraint, a missing table, or a mistake of
    /// ours. Nothing of the transaction was kept. Trying again cannot help.
    #[error("the database refused `{statement}` in `{tx}`")]
    Refused {
        /// The name of the transaction, or `read`.
        tx: &'static str,
        /// The name of the statement, as in [`crate::catalogue`].
        statement: &'static str,
        /// What it said.
        #[source]
        source: Cause,
    },
    /// The tables in the database and this program do not fit.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// Another process serves from this SQLite file.
    #[error("`{path}` is in use by another `shouyin serve`; stop it, or use another file")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The database URL or its options are wrong. Fix the configuration.
    #[error("database URL: {0}")]
    Config(String),
}

impl StoreError {
    /// Whether this is a missed guard of the named statement, as in [`crate::catalogue`].
    pub fn missed(&self, name: &str) -> bool {
        matches!(self, Self::GuardMissed { statement, .. } if *statement == name)
    }

    /// Whether the same call may succeed later without anything being changed. False for
    /// [`StoreError::OutcomeUnknown`], where the caller reads first.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::Unavailable(_) => true,
            Self::GuardMissed { .. }
            | Self::OutcomeUnknown { .. }
            | Self::Inconsistent { .. }
            | Self::Refused { .. }
            | Self::Schema(_)
            | Self::InUse { .. }
            | Self::Config(_) => false,
        }
    }
}

/// The tables in the database and this program do not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A newer program migrated this database in a way that this one would not survive.
    #[error(
        "the database is at schema {found} and does not fit this program, which knows {known}; \
         use a newer program"
    )]
    TooNew {
        /// The newest migration in the database.
        found: i64,
        /// The newest one in this program.
        known: i64,
    },
    /// A migration was changed after it was applied.
    #[error(
        "migration {version} (`{name}`) in the database is not the one in this program; \
         restore the migration file, or restore the database"
    )]
    Changed {
        /// Its number.
        version: i64,
        /// Its name.
        name: &'static str,
    },
    /// A migration failed and was rolled back.
    #[error("migration {version} (`{name}`) failed and was undone")]
    Failed {
        /// Its number.
        version: i64,
        /// Its name.
        name: &'static str,
        /// What the database said.
        #[source]
        source: Cause,
    },
}

/// What a database driver reported. It holds no values of rows: PostgreSQL would put them into
/// the detail of an error, and from there they would reach a log.
#[derive(Clone)]
pub struct Cause(Arc<dyn Error + Send + Sync>);

impl Cause {
    pub(crate) fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(error.into()))
    }

    /// The error itself, if it is of this type.
    pub(crate) fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_string() == other.0.to_string()
    }
}

impl Eq for Cause {}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
