//! `cargo xtask test`: everything that must pass, one plain line at the end.

mod parse;
mod steps;
mod suite;
mod summary;

use std::process::ExitCode;

use clap::Args;

use crate::clock::{Stopwatch, readable};
use crate::interrupt;
use crate::postgres::{self, Postgres};
use summary::Summary;

/// Where the tests look for a PostgreSQL. A developer may set it too; then none is started.
const POSTGRES_URL: &str = "SHOUYIN_TEST_POSTGRES_URL";

#[derive(Args)]
pub(crate) struct Options {
    /// Run only these steps: fmt, tidy, clippy, bare-client, docs, build, tests
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    only: Vec<String>,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let watch = Stopwatch::start();
    let wanted = |name: &str| options.only.is_empty() || options.only.iter().any(|o| o == name);
    let mut summary = Summary::default();
    for step in steps::ALL {
        if wanted(step.name) {
            summary.step(step.name, || step.run());
        }
    }
    let mut names = suite::Names::default();
    if wanted("build") || wanted("tests") {
        summary.step("build", || suite::build(&mut names));
    }
    if wanted("tests") && !names.is_empty() {
        run_tests(&names, &mut summary);
    }
    println!("\n{}", readable(watch.elapsed()));
    Ok(summary.finish())
}

fn run_tests(names: &suite::Names, summary: &mut Summary) {
    for tool in postgres::TOOLS {
        if let Err(missing) = postgres::ensure_tool(tool) {
            summary.skipped(tool.to_owned(), format!("{missing:#}"));
        }
    }
    if let Ok(url) = std::env::var(POSTGRES_URL) {
        return suite::run(names, Some(&url), summary);
    }
    match Postgres::start() {
        Ok(server) => suite::run(names, Some(&server.url()), summary),
        Err(_) if interrupt::requested() => summary.failed("PostgreSQL", "interrupted"),
        Err(missing) => {
            summary.skipped("PostgreSQL".to_owned(), format!("{missing:#}"));
            suite::run(names, None, summary);
        }
    }
}
