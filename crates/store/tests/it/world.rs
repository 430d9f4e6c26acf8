//! A fresh database for one test, on either engine.

use std::sync::atomic::{AtomicU32, Ordering};

use domain::Millis;
use store::{Engine, Store, StoreOptions};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// Where the tests' PostgreSQL is.
const POSTGRES_URL: &str = "SHOUYIN_TEST_POSTGRES_URL";

/// The time at which the tables of every test were made.
pub(crate) const EPOCH: Millis = Millis(1_795_444_721_000);

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) url: String,
    place: Place,
}

enum Place {
    Folder(TempDir),
    Schema { server: String, name: String },
}

/// Runs each test function of a module on both engines.
macro_rules! for_each_engine {
    ($($test:ident)*) => {
        mod sqlite {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let world = crate::world::World::on_sqlite();
                world.migrate().await;
                super::$test(&world).await;
                world.close().await;
            }
        )*}

        mod postgres {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let name = concat!(module_path!(), "::", stringify!($test));
                if let Some(world) = crate::world::World::on_postgres(name).await {
                    world.migrate().await;
                    super::$test(&world).await;
                    world.close().await;
                }
            }
        )*}
    };
}
pub(crate) use for_each_engine;

impl World {
    /// An empty SQLite file.
    pub(crate) fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self {
            store: open(&url),
            url,
            place: Place::Folder(folder),
        }
    }

    /// An empty schema on the tests' PostgreSQL, or a line that says why not.
    pub(crate) async fn on_postgres(test: &str) -> Option<Self> {
        let Ok(server) = std::env::var(POSTGRES_URL) else {
            let test = test.strip_prefix("it::").unwrap_or(test);
            println!("SKIPPED {test}: {POSTGRES_URL} is not set");
            return None;
        };
        Some(Self::in_schema(server).await)
    }

    /// An empty schema on this server.
    pub(crate) async fn in_schema(server: String) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);

        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("it_{}_{count}", std::process::id());
        let client = connect(&server).await;
        client
            .batch_execute(&format!("CREATE SCHEMA {name}"))
            .await
            .unwrap();
        let join = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{join}options=-csearch_path%3D{name}");
        Self {
            store: open(&url),
            url,
            place: Place::Schema { server, name },
        }
    }

    pub(crate) async fn migrate(&self) {
        assert!(self.store.migrate(EPOCH).await.unwrap().is_current());
    }

    /// Another store on the same database, as another process would have.
    pub(crate) fn again(&self) -> Store {
        open(&self.url)
    }

    /// Runs statements past the store, to spoil something.
    pub(crate) async fn sql(&self, sql: &str) {
        match self.store.engine() {
            Engine::Sqlite => self.sqlite().execute_batch(sql).unwrap(),
            Engine::Postgres => connect(&self.url).await.batch_execute(sql).await.unwrap(),
        }
    }

    /// One number, read past the store.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        match self.store.engine() {
            Engine::Sqlite => self.sqlite().query_row(sql, [], |row| row.get(0)).unwrap(),
            Engine::Postgres => connect(&self.url)
                .await
                .query_one(sql, &[])
                .await
                .unwrap()
                .get(0),
        }
    }

    /// Prepares a statement past the store.
    pub(crate) async fn prepare(&self, sql: &str) -> Result<(), String> {
        match self.store.engine() {
            Engine::Sqlite => self
                .sqlite()
                .prepare(sql)
                .map(drop)
                .map_err(|error| error.to_string()),
            Engine::Postgres => {
                let client = connect(&self.url).await;
                client
                    .prepare(sql)
                    .await
                    .map(drop)
                    .map_err(|error| format!("{error:?}"))
            }
        }
    }

    pub(crate) fn sqlite(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.url.strip_prefix("sqlite:").unwrap()).unwrap()
    }

    pub(crate) async fn close(self) {
        match self.place {
            Place::Folder(folder) => folder.close().unwrap(),
            Place::Schema { server, name } => {
                let sql = format!("DROP SCHEMA {name} CASCADE");
                connect(&server).await.batch_execute(&sql).await.unwrap();
            }
        }
    }
}

fn open(url: &str) -> Store {
    Store::open(url, StoreOptions::default()).unwrap()
}

pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
