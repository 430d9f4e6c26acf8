//! `cargo xtask sim`: builds the simulator for speed and runs it.

use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;

use crate::cargo;
use crate::run;

/// A million seeds take half a day; whoever wants more begins again where it ended.
const RUN_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// What every run of the tests simulates: some seven minutes of two cores.
const SEEDS_IN_TESTS: u64 = 2_000;

#[derive(Args)]
pub(crate) struct Options {
    /// How many seeds; each is a hundred orders over three virtual days
    #[arg(long, default_value_t = SEEDS_IN_TESTS)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Handed on to the simulator; `cargo xtask sim -- --help` lists them
    #[arg(last = true, value_name = "OPTIONS")]
    options: Vec<String>,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut simulator = simulator(options.seeds, options.from)?;
    simulator.args(&options.options);
    let status = run::to_terminal(&mut simulator, RUN_LIMIT)?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// As a step of the tests: always the same seeds, so that a failure is the change's.
pub(crate) fn step() -> anyhow::Result<()> {
    let status = run::to_terminal(&mut simulator(SEEDS_IN_TESTS, 1)?, RUN_LIMIT)?;
    if !status.success() {
        bail!("a seed failed; its story is above");
    }
    Ok(())
}

fn simulator(seeds: u64, from: u64) -> anyhow::Result<Command> {
    let arguments = ["build", "--profile", "sim", "-p", "shouyin-simulator"];
    let binaries = cargo::binaries(cargo::build(&arguments)?);
    let path = binaries
        .get("shouyin-simulator")
        .context("cargo built no `shouyin-simulator`")?;
    let mut command = Command::new(path);
    command.current_dir(cargo::root());
    command.args(["--seeds", &seeds.to_string(), "--from", &from.to_string()]);
    Ok(command)
}
