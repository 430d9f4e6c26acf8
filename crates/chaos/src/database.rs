//! The database of a run: a file, or a fresh database on a PostgreSQL server.

use std::path::{Path, PathBuf};
use std::process::Output;

use anyhow::{Context, Result, bail};
use domain::Clock;
use server::clock::SystemClock;
use store::{Store, StoreOptions};
use tokio::process::Command;

/// Where a run keeps its books.
#[derive(Clone, Debug)]
pub enum Database {
    Sqlite(PathBuf),
    /// The URL, with as many hosts as there are.
    Postgres(String),
}

impl Database {
    pub fn sqlite_in(folder: &Path) -> Self {
        Self::Sqlite(folder.join("shop.db"))
    }

    /// A fresh database with today's tables, on the server of this URL.
    ///
    /// # Errors
    /// When the server refuses, or `psql` is missing.
    pub async fn on_postgres(server: &str, name: &str) -> Result<Self> {
        psql(server, &format!("CREATE DATABASE {name}")).await?;
        let database = Self::Postgres(with_database(server, name));
        migrate(&database).await?;
        Ok(database)
    }

    /// A copy of a database that nobody is connected to: quicker than making tables.
    ///
    /// # Errors
    /// When the server refuses, or `psql` is missing.
    pub async fn copy_on_postgres(server: &str, of: &str, name: &str) -> Result<Self> {
        psql(server, &format!("CREATE DATABASE {name} TEMPLATE {of}")).await?;
        Ok(Self::Postgres(with_database(server, name)))
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(url) => url.clone(),
        }
    }

    /// Opens it beside the server, to read.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(&self) -> Result<Store> {
        Ok(Store::open(&self.url(), StoreOptions::default())?)
    }
}

/// Makes the tables, as `shouyin migrate` does.
///
/// # Errors
/// When the database refuses.
pub async fn migrate(database: &Database) -> Result<()> {
    database.open()?.migrate(SystemClock.now()).await?;
    Ok(())
}

/// One statement by `psql`, which comes with every server: only `store` may know a driver. Returns
/// what it answered, without decoration.
///
/// # Errors
/// When it is refused.
pub async fn psql(url: &str, statement: &str) -> Result<String> {
    let mut psql = Command::new("psql");
    psql.arg(url)
        .args(["-XqAtc", statement])
        .env("PGCONNECT_TIMEOUT", "10");
    let Output {
        status,
        stdout,
        stderr,
    } = psql.output().await.context("`psql` is needed")?;
    if !status.success() {
        bail!("`{statement}`: {}", String::from_utf8_lossy(&stderr).trim());
    }
    Ok(String::from_utf8_lossy(&stdout).trim().to_owned())
}

/// The same URL with another database name.
fn with_database(server: &str, name: &str) -> String {
    let (base, query) = match server.split_once('?') {
        Some((base, query)) => (base, format!("?{query}")),
        None => (server, String::new()),
    };
    let hosts = base.find("://").map_or(0, |at| at + 3);
    let end = base.get(hosts..).and_then(|rest| rest.find('/'));
    let server = end.and_then(|at| base.get(..hosts + at)).unwrap_or(base);
    format!("{server}/{name}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_name_is_replaced() {
        let cases = [
            ("postgres://u@h:5432/old", "postgres://u@h:5432/new"),
            ("postgres://u@h", "postgres://u@h/new"),
            ("postgres://h:1,h:2/x?a=b", "postgres://h:1,h:2/new?a=b"),
        ];
        for (url, expected) in cases {
            assert_eq!(with_database(url, "new"), expected);
        }
    }
}
