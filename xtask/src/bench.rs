//! `cargo xtask bench`: a release build of the server and of the load generator, and a PostgreSQL.
//! With `--against` the same of an older commit, turn by turn.

mod older;
mod pairs;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;

use crate::cargo;
use crate::postgres::Postgres;
use crate::run;

use pairs::{Side, Table};

/// The whole table takes minutes; somebody who adds options may need more.
const BENCH_LIMIT: Duration = Duration::from_secs(60 * 60);

const BUILD: [&str; 6] = ["build", "--release", "-p", "shouyin", "-p", "shouyin-bench"];

#[derive(Args)]
pub(crate) struct Options {
    /// Measures this commit as well, turn by turn with the present tree, each by its own load
    /// generator, and prints what became of each line
    #[arg(long, value_name = "COMMIT")]
    against: Option<String>,
    /// How often both are measured; a line shows the medians
    #[arg(long, default_value_t = 3, requires = "against")]
    rounds: u32,
    /// Handed on to the load generator; `cargo xtask bench -- --help` lists them
    #[arg(last = true, value_name = "OPTIONS")]
    options: Vec<String>,
}

/// The two programs of a measurement.
struct Programs {
    server: PathBuf,
    bench: PathBuf,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let present = programs(cargo::command())?;
    let older = options.against.as_deref().map(older::build).transpose()?;
    let postgres = Postgres::start()
        .inspect_err(|missing| println!("PostgreSQL is not measured: {missing:#}"))
        .ok();
    let url = postgres.as_ref().map(Postgres::url);
    let measure = |programs: &Programs| {
        let mut command = Command::new(&programs.bench);
        command.arg("--shouyin").arg(&programs.server);
        if let Some(url) = &url {
            command.arg("--postgres").arg(url);
        }
        command.args(&options.options);
        command
    };
    match (&older, &options.against) {
        (Some(older), Some(commit)) => {
            let sides = [(Side::Before, older), (Side::After, &present)];
            let table = in_turn(&sides.map(|(side, it)| (side, measure(it))), options.rounds)?;
            table.print(commit);
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            let status = run::to_terminal(&mut measure(&present), BENCH_LIMIT)?;
            Ok(if status.success() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
    }
}

fn programs(mut cargo: Command) -> anyhow::Result<Programs> {
    cargo.args(BUILD);
    let mut built = cargo::binaries(cargo::build_by(cargo)?);
    let mut take = |name: &str| {
        let path = built.remove(name);
        path.with_context(|| format!("cargo built no `{name}`"))
    };
    Ok(Programs {
        server: take("shouyin")?,
        bench: take("shouyin-bench")?,
    })
}

/// Runs both, round after round, and each round in the other order, so that a machine which becomes
/// slower or faster meets both alike.
fn in_turn(sides: &[(Side, Command); 2], rounds: u32) -> anyhow::Result<Table> {
    let mut table = Table::default();
    for round in 0..rounds {
        let mut order: Vec<_> = sides.iter().collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for (side, command) in order {
            println!("\nround {} of {rounds}, {}:", round + 1, side.name());
            let mut command = again(command);
            let status = run::output_by_line(&mut command, BENCH_LIMIT, |line| {
                println!("{line}");
                table.take(*side, line);
            })?;
            if !status.success() {
                bail!(
                    "the measurement {} failed; its words are above",
                    side.name()
                );
            }
        }
    }
    Ok(table)
}

/// The same program with the same arguments: a command runs once.
fn again(command: &Command) -> Command {
    let mut same = Command::new(command.get_program());
    same.args(command.get_args());
    same
}
