//! `cargo xtask bench`: a release build of the server and of the load generator, and a PostgreSQL.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use crate::cargo;
use crate::postgres::Postgres;
use crate::run;

/// The whole table takes minutes; somebody who adds options may need more.
const BENCH_LIMIT: Duration = Duration::from_secs(60 * 60);

#[derive(Args)]
pub(crate) struct Options {
    /// Handed on to the load generator; `cargo xtask bench -- --help` lists them
    #[arg(last = true, value_name = "OPTIONS")]
    options: Vec<String>,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let arguments = ["build", "--release", "-p", "shouyin", "-p", "shouyin-bench"];
    let binaries = cargo::binaries(cargo::build(&arguments)?);
    let server = binaries
        .get("shouyin")
        .context("cargo built no `shouyin`")?;
    let bench = binaries
        .get("shouyin-bench")
        .context("cargo built no `shouyin-bench`")?;
    let mut command = std::process::Command::new(bench);
    command.arg("--shouyin").arg(server).args(&options.options);
    let postgres = match Postgres::start() {
        Ok(postgres) => {
            command.arg("--postgres").arg(postgres.url());
            Some(postgres)
        }
        Err(missing) => {
            println!("PostgreSQL is not measured: {missing:#}");
            None
        }
    };
    let status = run::to_terminal(&mut command, BENCH_LIMIT)?;
    drop(postgres);
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
