//! How to open a database.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
};

/// Settings of a [`Store`](crate::Store), beside its URL.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Refuse to open an SQLite file that another process opened with this set. For `serve`: two
    /// servers on one file would work, slowly, and is never what somebody meant. Commands that
    /// run beside a server leave it off. Without effect on PostgreSQL.
    pub exclusive: bool,
    /// How many connections to PostgreSQL at most. Without effect on SQLite.
    ///
    /// Five of eight write when commits are slow; the rest is for reads.
    pub connections_max: usize,
    /// How many tokio runtimes use this store: each has its share of the connections, because to
    /// use one that another runtime drives costs more than the database does. One by default; a
    /// runtime too many shares the connections of the first. Without effect on SQLite, and with
    /// fewer than four connections for each.
    pub runtimes: usize,
    /// What distinguishes this process from others in the leases it takes. Random by default; a
    /// simulation sets it.
    pub instance: String,
}

impl Default for StoreOptions {
    fn default() -> Self {
        // The seeds of the standard library's hasher are the operating system's chance. A lease
        // is not a secret; it only must not be the same in two processes.
        let chance = RandomState::new().build_hasher().finish();
        Self {
            exclusive: false,
            connections_max: 16,
            runtimes: 1,
            instance: format!("{chance:016x}"),
        }
    }
}
