//! A transaction is a value: a named list of statements.
//!
//! There is no reading in the middle. Decide on what was read before, guard the write with the
//! version that was read, and on [`StoreError::GuardMissed`](crate::StoreError::GuardMissed) read
//! and decide again. In return one thread can commit many transactions with one `fsync`, a
//! serialization failure is repeated without asking, and no transaction can stay open across a
//! call to somebody else's server.

use domain::Millis;

use crate::catalogue;

/// A value of a parameter or a column. There are no other types in the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

macro_rules! value_from {
    ($($source:ty, $name:ident => $value:expr;)*) => {$(
        impl From<$source> for Value {
            fn from($name: $source) -> Self {
                $value
            }
        }
    )*};
}

value_from! {
    i64, number => Self::Int(number);
    Millis, at => Self::Int(at.0);
    fen::Fen, amount => Self::Int(amount.get());
    &str, text => Self::Text(text.to_owned());
    String, text => Self::Text(text);
    Vec<u8>, bytes => Self::Blob(bytes);
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One statement with its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Stmt {
    pub(crate) sql: &'static str,
    pub(crate) params: Vec<Value>,
    /// It must change exactly one row, or the whole transaction is undone.
    pub(crate) guard: bool,
}

/// A transaction that has not run yet. The functions of [`crate::orders`] and its neighbours add
/// to it; [`Store::run`](crate::Store::run) runs it, wholly or not at all.
#[derive(Clone, Debug)]
pub struct Tx {
    name: &'static str,
    pub(crate) stmts: Vec<Stmt>,
}

impl Tx {
    /// An empty transaction. The name says what it does, for errors, logs and the history.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            stmts: Vec::with_capacity(8),
        }
    }

    /// A transaction of statements that are no part of the program.
    #[cfg(test)]
    pub(crate) fn of(name: &'static str, stmts: Vec<Stmt>) -> Self {
        Self { name, stmts }
    }

    /// The name it was given.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Every text among its parameters, so that a simulator sees whom it is about.
    #[cfg(feature = "simulation")]
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let params = self.stmts.iter().flat_map(|stmt| &stmt.params);
        params.filter_map(|value| match value {
            Value::Text(text) => Some(text.as_str()),
            Value::Null | Value::Int(_) | Value::Blob(_) => None,
        })
    }

    /// Whether it would do nothing.
    pub fn is_empty(&self) -> bool {
        self.stmts.is_empty()
    }

    /// Adds a statement that may change any number of rows.
    pub(crate) fn push<const N: usize>(&mut self, sql: &'static str, params: [Value; N]) {
        self.add(Stmt {
            sql,
            params: params.into(),
            guard: false,
        });
    }

    /// Adds a statement that must change exactly one row. It must address that row by its whole
    /// key, so that more than one cannot happen.
    pub(crate) fn guarded<const N: usize>(&mut self, sql: &'static str, params: [Value; N]) {
        self.add(Stmt {
            sql,
            params: params.into(),
            guard: true,
        });
    }

    fn add(&mut self, stmt: Stmt) {
        debug_assert!(
            catalogue::knows(stmt.sql),
            "not in the catalogue: {}",
            stmt.sql
        );
        self.stmts.push(stmt);
    }
}

/// A transaction that was committed: when the caller holds this, it is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Done {
    changed: Vec<(&'static str, u64)>,
}

impl Done {
    pub(crate) fn with_capacity(statements: usize) -> Self {
        Self {
            changed: Vec::with_capacity(statements),
        }
    }

    pub(crate) fn push(&mut self, sql: &'static str, rows: u64) {
        self.changed.push((sql, rows));
    }

    /// How many rows the statements of this name changed, as in [`crate::catalogue`]. Tells an
    /// insert-if-absent that inserted (1) from one that found the row there (0).
    pub fn rows(&self, statement: &str) -> u64 {
        let of_name = self
            .changed
            .iter()
            .filter(|(sql, _)| catalogue::name(sql) == statement);
        of_name.map(|(_, rows)| *rows).sum()
    }
}
