//! `cargo xtask chaos`: a build of the server and of the program that breaks it, and a PostgreSQL
//! where one is needed.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use crate::cargo;
use crate::postgres::Postgres;
use crate::run;

/// An hour of trouble at most, its audit, and every crash point on a slow machine.
const CHAOS_LIMIT: Duration = Duration::from_secs(3 * 60 * 60);

#[derive(Args)]
pub(crate) struct Options {
    /// sqlite or postgres; a PostgreSQL is started for the run
    #[arg(long, default_value = "sqlite")]
    engine: String,
    /// How long there is trouble [default: 60]
    #[arg(long)]
    seconds: Option<u64>,
    /// What goes wrong when; the same seed makes a run alike [default: 1]
    #[arg(long)]
    seed: Option<u64>,
    /// Processes of the server on one PostgreSQL; they are paused and their clocks set wrong too
    /// [default: 1]
    #[arg(long)]
    replicas: Option<u64>,
    /// Buyers at the same time [default: 16]
    #[arg(long)]
    clients: Option<u64>,
    /// Instead: play one journey for each point between two things that last, and die there
    #[arg(long)]
    crash_points: bool,
    /// Instead: kill a primary under load and promote its synchronous standby
    #[arg(long)]
    failover: bool,
    /// Write down what the clients saw, one JSON object a line
    #[arg(long, value_name = "FILE")]
    history: Option<std::path::PathBuf>,
    /// Break the build of `cargo build` instead of that of `cargo build --release`
    #[arg(long)]
    dev: bool,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut arguments = vec!["build", "-p", "shouyin", "-p", "shouyin-chaos"];
    arguments.extend(["--bin", "shouyin", "--bin", "shouyin-chaos"]);
    if !options.dev {
        arguments.push("--release");
    }
    let binaries = cargo::binaries(cargo::build(&arguments)?);
    let built = |name: &str| {
        let binary = binaries.get(name);
        binary.with_context(|| format!("cargo built no `{name}`"))
    };
    let mut command = std::process::Command::new(built("shouyin-chaos")?);
    command.arg("--shouyin").arg(built("shouyin")?);
    command.args(["--engine", &options.engine]);
    let numbers = [
        ("--seconds", options.seconds),
        ("--seed", options.seed),
        ("--replicas", options.replicas),
        ("--clients", options.clients),
    ];
    for (flag, number) in numbers {
        if let Some(number) = number {
            command.args([flag, &number.to_string()]);
        }
    }
    for (flag, is_given) in [
        ("--crash-points", options.crash_points),
        ("--failover", options.failover),
    ] {
        if is_given {
            command.arg(flag);
        }
    }
    if let Some(path) = &options.history {
        command.arg("--history").arg(std::path::absolute(path)?);
    }
    // The failover starts a pair of its own, which it may kill.
    let postgres = if options.engine == "postgres" && !options.failover {
        let postgres = Postgres::start()?;
        command.arg("--postgres").arg(postgres.url());
        Some(postgres)
    } else {
        None
    };
    let status = run::to_terminal(&mut command, CHAOS_LIMIT)?;
    drop(postgres);
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
