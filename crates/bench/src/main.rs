//! `cargo xtask bench`: `shouyin` under load on SQLite and PostgreSQL, beside the floor of the
//! machine it runs on, in one run. See the README for what is measured and what is not.

mod client;
mod clock;
mod floor;
mod keys;
mod load;
mod mixed;
mod notifications;
mod orders;
mod process;
mod report;
mod shop;
mod stub;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use domain::OrderNo;
use load::Work;
use mixed::Crowd;

use crate::floor::Floor;
use crate::keys::Keys;
use crate::process::{Server, Setup};
use crate::report::{Kind, Line};

/// Callers at once, each with one call in flight.
const CALLERS: [usize; 3] = [1, 32, 256];
/// Orders are first polled five seconds after they were placed; a run ends before that.
const RUN_LIMIT: Duration = Duration::from_secs(4);
/// More orders than any run can place within its limit.
const ORDERS: usize = 24_000;
/// Enough for a run of a second and more at the rate aimed at.
const NOTIFICATIONS: usize = 40_000;

/// A mixed run ends before the first timed poll too.
const MIXED_LIMIT: Duration = Duration::from_secs(4);
/// Genuine notifications of a mixed run: more than its pace asks for.
const GENUINE: usize = 1_000;
/// More forgeries than a mixed run can refuse within its limit.
const FORGERIES: usize = 400_000;
/// Callers who order, and callers who forge, beside the genuine notifications.
const CROWDS: [(usize, usize); 4] = [(0, 0), (256, 0), (0, 64), (32, 64)];

/// Measures `shouyin` against a stub upstream whose answers are signed in advance.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The release build of the server.
    #[arg(long)]
    shouyin: PathBuf,
    /// A PostgreSQL server with the right to create databases; without it, SQLite alone.
    #[arg(long)]
    postgres: Option<String>,
    /// Measures both lanes at once instead: genuine notifications beside a rush of orders, and
    /// beside forged notifications.
    #[arg(long)]
    mixed: bool,
    /// How often the mixed measurement is repeated; it is the noise that one wants to see.
    #[arg(long, default_value_t = 3, requires = "mixed")]
    rounds: u32,
}

struct Bench {
    arguments: Arguments,
    keys: Arc<Keys>,
    upstream: String,
    floor: Floor,
    cores: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let keys = Arc::new(Keys::generate()?);
    let folder = tempfile::tempdir()?;
    let floor = floor::measure(&keys, folder.path())?;
    let cores = u64::try_from(std::thread::available_parallelism()?.get())?;
    let upstream = stub::start(&keys).await?;
    report::print_floor(&floor, cores);
    let bench = Bench {
        arguments,
        keys,
        upstream,
        floor,
        cores,
    };
    if bench.arguments.mixed {
        return bench.mixed().await;
    }
    for engine in bench.engines() {
        for callers in CALLERS {
            bench.orders(engine, callers).await?;
        }
    }
    let numbers = shop::order_numbers(NOTIFICATIONS)?;
    let work = Arc::new(notifications::work(&bench.keys, &numbers).await?);
    for engine in bench.engines() {
        for callers in CALLERS {
            bench
                .notifications(engine, callers, &numbers, &work)
                .await?;
        }
    }
    Ok(())
}

impl Bench {
    fn engines(&self) -> Vec<&'static str> {
        match self.arguments.postgres {
            Some(_) => vec!["sqlite", "postgres"],
            None => vec!["sqlite"],
        }
    }

    async fn orders(&self, engine: &'static str, callers: usize) -> Result<()> {
        let world = World::new(self, engine, &[]).await?;
        let authorization = orders::login(&world.server.address).await?;
        let work = Arc::new(orders::work(&authorization, ORDERS));
        world
            .measure(self, engine, Kind::Orders, callers, work)
            .await
    }

    /// All crowds in turn, round after round, so that a neighbour's load meets each of them.
    async fn mixed(&self) -> Result<()> {
        report::print_mixed_head();
        for _ in 0..self.arguments.rounds {
            for engine in self.engines() {
                for (orders, forgers) in CROWDS {
                    self.mix(engine, orders, forgers).await?;
                }
            }
        }
        Ok(())
    }

    async fn mix(&self, engine: &'static str, orders: usize, forgers: usize) -> Result<()> {
        let numbers = shop::order_numbers(GENUINE)?;
        let genuine = Arc::new(notifications::work(&self.keys, &numbers).await?);
        let world = World::new(self, engine, &numbers).await?;
        let authorization = orders::login(&world.server.address).await?;
        let ordering = (orders > 0).then(|| Crowd {
            callers: orders,
            work: Arc::new(orders::work(&authorization, ORDERS)),
        });
        let forging = (forgers > 0).then(|| Crowd {
            callers: forgers,
            work: Arc::new(notifications::forged(&self.keys, FORGERIES)),
        });
        let address = &world.server.address;
        let outcome = mixed::run(address, genuine, ordering, forging, MIXED_LIMIT).await?;
        report::print_mixed(engine, orders, forgers, &outcome);
        world.server.stop().await
    }

    async fn notifications(
        &self,
        engine: &'static str,
        callers: usize,
        numbers: &[OrderNo],
        work: &Arc<Work>,
    ) -> Result<()> {
        let world = World::new(self, engine, numbers).await?;
        world
            .measure(self, engine, Kind::Notifications, callers, Arc::clone(work))
            .await
    }
}

/// A fresh database and a fresh server: no run inherits another's work.
struct World {
    server: Server,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new(bench: &Bench, engine: &str, numbers: &[OrderNo]) -> Result<World> {
        let folder = tempfile::tempdir()?;
        let database_url = match engine {
            "sqlite" => format!("sqlite:{}", folder.path().join("shouyin.db").display()),
            _ => create_database(bench.arguments.postgres.as_deref()).await?,
        };
        let store = shop::open(&database_url, &bench.keys).await?;
        shop::fill(&store, &bench.keys, numbers).await?;
        drop(store);
        let setup = Setup {
            binary: &bench.arguments.shouyin,
            folder: folder.path(),
            database_url: &database_url,
            upstream: &bench.upstream,
            keys: &bench.keys,
        };
        Ok(World {
            server: Server::start(&setup).await?,
            _folder: folder,
        })
    }

    async fn measure(
        self,
        bench: &Bench,
        engine: &'static str,
        kind: Kind,
        callers: usize,
        work: Arc<Work>,
    ) -> Result<()> {
        let before = self.server.cpu_us()?;
        let run = load::run(&self.server.address, callers, work, RUN_LIMIT).await?;
        let cpu_us = self.server.cpu_us()? - before;
        let peak_kib = self.server.peak_kib()?;
        report::print_line(
            &Line {
                engine,
                kind,
                run,
                cpu_us,
                peak_kib,
            },
            &bench.floor,
            bench.cores,
        );
        self.server.stop().await
    }
}

/// Creates a database of its own for one run and returns its URL.
async fn create_database(server: Option<&str>) -> Result<String> {
    let url = server.context("no PostgreSQL was named")?;
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    let driver = tokio::spawn(connection);
    let name = format!("bench_{}", clock::unix_millis());
    client
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await?;
    drop(client);
    driver.await??;
    let (base, _) = url
        .rsplit_once('/')
        .context("the PostgreSQL URL has no database name")?;
    Ok(format!("{base}/{name}"))
}
