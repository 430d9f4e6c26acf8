//! A database in memory, for simulation: the real statements on a real SQLite, with a seam around
//! each call at which a simulator decides who goes next and what goes wrong.
//!
//! It is only there with the feature `simulation`, because what is kept in memory is lost with the
//! process. Several [`Store`]s may share one, as replicas share a PostgreSQL; a store whose seam
//! never answers is a process that died.

use std::{
    fmt,
    iter::once,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::Connection;

use crate::{
    Done, Store, StoreError, Tx, catalogue,
    error::Cause,
    row::Row,
    sqlite::{connection, readers, unavailable, writer},
    tx::Value,
};

/// A future of a seam.
pub type Passage<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A call to the database, before it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// The transaction of this name.
    Run(&'static str),
    /// The read by the statement of this name, as in [`crate::catalogue`].
    Read(&'static str),
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is done.
    Done,
    /// It is not done, and the caller is told so.
    Refused,
    /// It is not done, and the caller cannot know.
    LostBefore,
    /// It is done, and the caller cannot know.
    LostAfter,
}

/// What stands around each call. A future that never ends is a process that died.
pub trait Seam: Send + Sync + 'static {
    /// Before the call: says what becomes of it, and when.
    fn before(&self, call: Call) -> Passage<'_, Fate>;
    /// At the moment of the commit. It cannot fail any more, and nobody has learned it yet.
    fn committed(&self, tx: &Tx);
    /// After a transaction was committed and before its caller learns it.
    fn after(&self, call: Call) -> Passage<'_, ()>;
}

/// The database. Clones share it.
#[derive(Clone)]
pub struct Memory(Arc<Mutex<Connection>>);

impl Memory {
    /// An empty one, without tables.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is no memory.
    pub fn new() -> Result<Self, StoreError> {
        let connection = connection::open_in_memory().map_err(unavailable)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// A door to it. `instance` tells its leases from those of other doors.
    pub fn store(&self, instance: &str, seam: Arc<dyn Seam>) -> Store {
        let door = Door {
            memory: self.clone(),
            seam,
        };
        Store::in_memory(door, instance)
    }

    /// Every row that `sql` finds, as text, for whoever checks the books from outside.
    ///
    /// # Errors
    /// When SQLite refuses the statement.
    pub fn look(&self, sql: &str, params: &[&str]) -> Result<Vec<Vec<String>>, StoreError> {
        let connection = self.lock();
        let rows = readers::query(&connection, sql, &texts(params)).map_err(unavailable)?;
        let text = |value| match value {
            Value::Null => String::new(),
            Value::Int(number) => number.to_string(),
            Value::Text(text) => text,
            Value::Blob(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        };
        let row = |row: Row| row.0.into_iter().map(text).collect();
        Ok(rows.into_iter().map(row).collect())
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn texts(params: &[&str]) -> Vec<Value> {
    params.iter().map(|text| Value::from(*text)).collect()
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

/// One process's way to the database.
pub(crate) struct Door {
    memory: Memory,
    seam: Arc<dyn Seam>,
}

impl Door {
    pub(crate) async fn run(&self, tx: Tx) -> Result<Done, StoreError> {
        let call = Call::Run(tx.name());
        let fate = self.seam.before(call).await;
        let done = match fate {
            Fate::Refused => return Err(StoreError::Unavailable(simulated())),
            Fate::LostBefore => return Err(lost(&tx)),
            Fate::Done | Fate::LostAfter => self.commit(&tx)?,
        };
        self.seam.committed(&tx);
        self.seam.after(call).await;
        match fate {
            Fate::LostAfter => Err(lost(&tx)),
            Fate::Done | Fate::Refused | Fate::LostBefore => Ok(done),
        }
    }

    fn commit(&self, tx: &Tx) -> Result<Done, StoreError> {
        let outcome = writer::commit(&self.memory.lock(), once(tx)).pop();
        outcome.unwrap_or_else(|| Err(lost(tx)))
    }

    pub(crate) async fn read(
        &self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let call = Call::Read(catalogue::name(sql));
        match self.seam.before(call).await {
            Fate::Done => {}
            Fate::Refused | Fate::LostBefore | Fate::LostAfter => {
                return Err(StoreError::Unavailable(simulated()));
            }
        }
        readers::query(&self.memory.lock(), sql, params).map_err(|error| readers::sort(sql, error))
    }

    pub(crate) fn apply(&self, ddl: &'static str, record: &Tx) -> Result<(), StoreError> {
        writer::apply(&mut self.memory.lock(), ddl, record)
    }
}

fn simulated() -> Cause {
    Cause::new("a simulated failure")
}

fn lost(tx: &Tx) -> StoreError {
    StoreError::OutcomeUnknown {
        tx: tx.name(),
        source: simulated(),
    }
}

#[cfg(test)]
mod tests;
