//! A fresh database for one test, on either engine.

use std::{
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use domain::Millis;
use store::{Engine, Store, StoreOptions};
use tempfile::TempDir;
use tokio::sync::Mutex;
use tokio_postgres::{Client, NoTls};

/// Where the tests' PostgreSQL is.
const POSTGRES_URL: &str = "SHOUYIN_TEST_POSTGRES_URL";

/// The time at which the tables of every test were made.
pub(crate) const EPOCH: Millis = Millis(1_795_444_721_000);

/// Over how many databases merchants are spread where they are.
pub(crate) const SHARDS: usize = 3;

/// Which of them has this merchant.
pub(crate) fn shard_of(mch_id: &str) -> usize {
    mch_id.bytes().map(usize::from).sum::<usize>() % SHARDS
}

pub(crate) struct World {
    pub(crate) store: Store,
    /// Of the only database, or of the first.
    pub(crate) url: String,
    place: Place,
}

enum Place {
    Folder(TempDir),
    Schema {
        server: String,
        name: String,
    },
    /// A schema of this name in each of these databases.
    Shards {
        servers: Vec<String>,
        name: String,
    },
}

/// Runs each test function of a module on both engines, and on merchants spread over databases.
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

        mod shards {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let name = concat!(module_path!(), "::", stringify!($test));
                if let Some(world) = crate::world::World::on_shards(name).await {
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
        Some(Self::in_schema(server(test)?).await)
    }

    /// An empty schema on this server.
    pub(crate) async fn in_schema(server: String) -> Self {
        let name = unused_name();
        let url = schema(&server, &name).await;
        Self {
            store: open(&url),
            url,
            place: Place::Schema { server, name },
        }
    }

    /// An empty schema in each of [`SHARDS`] databases on the tests' PostgreSQL, behind a store
    /// that sends each merchant to one of them; or a line that says why not.
    pub(crate) async fn on_shards(test: &str) -> Option<Self> {
        let server = server(test)?;
        let name = unused_name();
        let (mut servers, mut urls) = (Vec::new(), Vec::new());
        for shard in 0..SHARDS {
            let database = shard_database(&server, shard).await;
            urls.push(schema(&database, &name).await);
            servers.push(database);
        }
        Some(Self {
            store: open_shards(&urls),
            url: urls.swap_remove(0),
            place: Place::Shards { servers, name },
        })
    }

    pub(crate) async fn migrate(&self) {
        assert!(self.store.migrate(EPOCH).await.unwrap().is_current());
    }

    /// The databases: one, or all shards.
    fn urls(&self) -> Vec<String> {
        match &self.place {
            Place::Folder(_) | Place::Schema { .. } => vec![self.url.clone()],
            Place::Shards { servers, name } => {
                let url = |server: &String| in_search_path(server, name);
                servers.iter().map(url).collect()
            }
        }
    }

    /// Another store on the same database, as another process would have.
    pub(crate) fn again(&self) -> Store {
        match &self.place {
            Place::Folder(_) | Place::Schema { .. } => open(&self.url),
            Place::Shards { .. } => open_shards(&self.urls()),
        }
    }

    /// Runs statements past the store, to spoil something; on every shard.
    pub(crate) async fn sql(&self, sql: &str) {
        match self.store.engine() {
            Engine::Sqlite => self.sqlite().execute_batch(sql).unwrap(),
            Engine::Postgres => {
                for url in self.urls() {
                    connect(&url).await.batch_execute(sql).await.unwrap();
                }
            }
        }
    }

    /// One number, read past the store; the sum of all shards.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        match self.store.engine() {
            Engine::Sqlite => self.sqlite().query_row(sql, [], |row| row.get(0)).unwrap(),
            Engine::Postgres => {
                let mut sum = 0;
                for shard in 0..self.urls().len() {
                    sum += self.number_on(shard, sql).await;
                }
                sum
            }
        }
    }

    /// One number, read past the store, on one shard.
    pub(crate) async fn number_on(&self, shard: usize, sql: &str) -> i64 {
        let client = connect(&self.urls()[shard]).await;
        client.query_one(sql, &[]).await.unwrap().get(0)
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
        rusqlite::Connection::open(self.path()).unwrap()
    }

    /// The SQLite file.
    pub(crate) fn path(&self) -> &Path {
        Path::new(self.url.strip_prefix("sqlite:").unwrap())
    }

    pub(crate) async fn close(self) {
        match self.place {
            Place::Folder(folder) => folder.close().unwrap(),
            Place::Schema { server, name } => drop_schema(&server, &name).await,
            Place::Shards { servers, name } => {
                for server in &servers {
                    drop_schema(server, &name).await;
                }
            }
        }
    }
}

fn open(url: &str) -> Store {
    Store::open(url, StoreOptions::default()).unwrap()
}

fn open_shards(urls: &[String]) -> Store {
    let stores = urls.iter().map(|url| open(url)).collect();
    Store::sharded(stores, shard_of)
}

/// The tests' PostgreSQL; without one, says that this test is skipped.
fn server(test: &str) -> Option<String> {
    let server = std::env::var(POSTGRES_URL).ok();
    if server.is_none() {
        let test = test.strip_prefix("it::").unwrap_or(test);
        println!("SKIPPED {test}: {POSTGRES_URL} is not set");
    }
    server
}

fn unused_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);

    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("it_{}_{count}", std::process::id())
}

/// Makes a schema and returns the URL of connections that see nothing else.
async fn schema(server: &str, name: &str) -> String {
    let sql = format!("CREATE SCHEMA {name}");
    connect(server).await.batch_execute(&sql).await.unwrap();
    in_search_path(server, name)
}

fn in_search_path(server: &str, name: &str) -> String {
    let join = if server.contains('?') { '&' } else { '?' };
    format!("{server}{join}options=-csearch_path%3D{name}")
}

async fn drop_schema(server: &str, name: &str) {
    let sql = format!("DROP SCHEMA {name} CASCADE");
    connect(server).await.batch_execute(&sql).await.unwrap();
}

/// The database of this shard, made by whoever needs it first and left for the next run.
async fn shard_database(server: &str, shard: usize) -> String {
    static MADE: Mutex<[bool; SHARDS]> = Mutex::const_new([false; SHARDS]);

    let name = format!("shouyin_shard_{shard}");
    let mut made = MADE.lock().await;
    if !made[shard] {
        let client = connect(server).await;
        let find = "SELECT COUNT(*) FROM pg_database WHERE datname = $1";
        let found: i64 = client.query_one(find, &[&name]).await.unwrap().get(0);
        if found == 0 {
            let create = format!("CREATE DATABASE {name}");
            client.batch_execute(&create).await.unwrap();
        }
        made[shard] = true;
    }
    let (base, query) = match server.split_once('?') {
        Some((base, query)) => (base, format!("?{query}")),
        None => (server, String::new()),
    };
    let host_end = base.find("://").map_or(0, |at| at + 3);
    let host_end = base[host_end..]
        .find('/')
        .map_or(base.len(), |at| host_end + at);
    format!("{}/{name}{query}", &base[..host_end])
}

pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
