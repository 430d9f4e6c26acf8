//! The program behind `cargo xtask chaos`.
#![expect(
    clippy::print_stdout,
    reason = "a command-line tool speaks on standard output"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use chaos::audit::Verdict;
use chaos::clock::{Stopwatch, pause};
use chaos::crash_points::{self, Engine};
use chaos::database::Database;
use chaos::failover::{Pair, fail_over};
use chaos::stage::{Pace, Setup, Stage};
use chaos::storm::{Storm, rage};
use chaos::trouble::Tally;
use clap::{Parser, ValueEnum, value_parser};

/// Between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(5);
/// An hour is a long storm; the history of a longer one would not fit into memory comfortably.
const SECONDS_MAX: u64 = 3600;

/// Breaks the real server under load, and checks afterwards that nothing was lost or doubled
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The program of the server
    #[arg(long)]
    shouyin: PathBuf,
    /// A PostgreSQL on which databases may be made
    #[arg(long)]
    postgres: Option<String>,
    /// Where the server keeps its books
    #[arg(long, value_enum, default_value_t = Where::Sqlite)]
    engine: Where,
    /// How long there is trouble
    #[arg(long, default_value_t = 60, value_parser = value_parser!(u64).range(1..=SECONDS_MAX))]
    seconds: u64,
    /// What goes wrong when: the same seed makes a run alike
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Processes of the server; more than one need PostgreSQL
    #[arg(long, default_value_t = 1, value_parser = value_parser!(u64).range(1..=9))]
    replicas: u64,
    /// Buyers at the same time
    #[arg(long, default_value_t = 16, value_parser = value_parser!(u64).range(1..=256))]
    clients: u64,
    /// Instead: one journey for each point between two things that last, dying there
    #[arg(long, conflicts_with_all = ["failover", "replicas"])]
    crash_points: bool,
    /// Instead: kill a primary under load and promote its synchronous standby
    #[arg(long)]
    failover: bool,
    /// Write down what the clients saw, one JSON object a line
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Where {
    Sqlite,
    Postgres,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let is_well = if arguments.failover {
        failover(&arguments).await?
    } else if arguments.crash_points {
        every_crash_point(&arguments).await?
    } else {
        storm(&arguments).await?
    };
    Ok(if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn storm(arguments: &Arguments) -> Result<bool> {
    let setup = Setup {
        server: arguments.shouyin.clone(),
        database: database(arguments).await?,
        replicas: usize::try_from(arguments.replicas)?,
        pace: Pace::Brisk,
    };
    let stage = Stage::set(&setup).await?;
    stage.start().await?;
    let storm = Storm {
        clients: usize::try_from(arguments.clients)?,
        time: Duration::from_secs(arguments.seconds),
        seed: arguments.seed,
    };
    let tally = Tally::default();
    let raged = tokio::select! {
        aftermath = rage(&stage, storm, &tally) => aftermath,
        () = progress(&stage, &tally) => unreachable!("progress has no end"),
    };
    if let Some(path) = &arguments.history {
        stage.history.write_to(path)?;
    }
    let aftermath = raged?;
    let troubles = aftermath.troubles;
    println!(
        "{} clients, {} replica(s), seed {}: {} kills -9, {} pauses, {} clocks set wrong",
        arguments.clients,
        arguments.replicas,
        arguments.seed,
        troubles.kills,
        troubles.pauses,
        troubles.skews
    );
    Ok(tell(&aftermath.verdict))
}

async fn database(arguments: &Arguments) -> Result<Option<Database>> {
    if arguments.engine == Where::Sqlite {
        anyhow::ensure!(
            arguments.replicas == 1,
            "several replicas need a database that they can share: --engine postgres"
        );
        return Ok(None);
    }
    let name = format!("chaos_storm_{}", std::process::id());
    Database::on_postgres(server(arguments)?, &name)
        .await
        .map(Some)
}

fn server(arguments: &Arguments) -> Result<&str> {
    let server = arguments.postgres.as_deref();
    server.context("name a PostgreSQL with --postgres; `cargo xtask chaos` starts one")
}

async fn progress(stage: &Stage, tally: &Tally) {
    let watch = Stopwatch::start();
    loop {
        pause(PROGRESS).await;
        let entries = stage.history.entries().len();
        println!(
            "{:>4} s  {} kills, {entries} entries in the history",
            watch.elapsed().as_secs(),
            tally.read().kills
        );
    }
}

async fn every_crash_point(arguments: &Arguments) -> Result<bool> {
    let engine = match arguments.engine {
        Where::Sqlite => Engine::Sqlite,
        Where::Postgres => Engine::postgres(server(arguments)?).await?,
    };
    let points = crash_points::count(&arguments.shouyin, &engine).await?;
    println!("the journey has {points} points at which something lasts or is seen");
    let (mut done, watch) = (0_u64, Stopwatch::start());
    let deaths = crash_points::die_at(
        &arguments.shouyin,
        &engine,
        (1..=points).collect(),
        |death| {
            done += 1;
            for wrong in &death.wrong {
                println!("point {} ({}): {wrong}", death.point, death.before);
            }
            if done.is_multiple_of(20) {
                println!("{:>4} s  {done} of {points}", watch.elapsed().as_secs());
            }
        },
    )
    .await?;
    let died = deaths.iter().filter(|death| death.died).count();
    let wrong = deaths
        .iter()
        .filter(|death| !death.wrong.is_empty())
        .count();
    println!("{died} deaths at {points} points, {wrong} of them with something wrong afterwards");
    Ok(wrong == 0)
}

async fn failover(arguments: &Arguments) -> Result<bool> {
    let part = Duration::from_secs(arguments.seconds) / 3;
    let clients = usize::try_from(arguments.clients)?;
    let watch = Stopwatch::start();
    let followed = fail_over(
        Pair::start().await?,
        arguments.shouyin.clone(),
        clients,
        part,
        arguments.seed,
        |what| println!("{:>4} s  {what}", watch.elapsed().as_secs()),
    )
    .await?;
    println!(
        "acknowledging again {} ms after the promotion began; the old primary that came back took \
         nothing",
        followed.following.as_millis()
    );
    Ok(tell(&followed.verdict))
}

/// The counts, and everything that is wrong.
fn tell(verdict: &Verdict) -> bool {
    let (counts, violations) = (verdict.counts, &verdict.violations);
    let lost = violations.iter().filter(|it| it.is_loss()).count();
    let doubled = violations.iter().filter(|it| it.is_doubling()).count();
    println!("acknowledged orders     {}", counts.acknowledged_orders);
    println!("acknowledged payments   {}", counts.acknowledged_payments);
    println!("acknowledged closes     {}", counts.acknowledged_closes);
    println!("acknowledged refunds    {}", counts.acknowledged_refunds);
    println!(
        "uncertain answers       {}",
        counts.attempts_without_certain_answer
    );
    println!("events                  {}", counts.events);
    println!("webhooks taken          {}", counts.webhooks_taken);
    println!("lost                    {lost}");
    println!("doubled                 {doubled}");
    println!(
        "other violations        {}",
        violations.len() - lost - doubled
    );
    for violation in violations {
        println!("  {violation}");
    }
    violations.is_empty()
}
