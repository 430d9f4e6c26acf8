//! `cargo xtask test`: everything that must pass, one plain line at the end.

mod javascript;
mod parse;
mod steps;
mod suite;
mod summary;
mod tap;

use std::process::ExitCode;

use anyhow::ensure;
use clap::Args;

use crate::clock::{Stopwatch, readable};
use crate::interrupt;
use crate::parts;
use crate::postgres::Postgres;
use summary::Summary;

/// Where the tests look for a PostgreSQL. A developer may set it too; then none is started.
const POSTGRES_URL: &str = "SHOUYIN_TEST_POSTGRES_URL";

#[derive(Args)]
pub(crate) struct Options {
    /// Run only these steps: fmt, tidy, clippy, bare-client, docs, build, tests, sim, npm-parts,
    /// logic, types, wechat-compilers, browser
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    only: Vec<String>,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    known(&options.only)?;
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
    for step in steps::LAST {
        if wanted(step.name) {
            summary.step(step.name, || step.run());
        }
    }
    javascript::run(wanted, &mut summary);
    println!("\n{}", readable(watch.elapsed()));
    Ok(summary.finish())
}

/// A misspelt step would otherwise pass by not being run.
fn known(names: &[String]) -> anyhow::Result<()> {
    let all: Vec<_> = steps::ALL
        .iter()
        .chain(steps::LAST)
        .map(|step| step.name)
        .chain(["build", "tests"])
        .chain(javascript::NAMES)
        .collect();
    for name in names {
        ensure!(
            all.contains(&name.as_str()),
            "there is no step `{name}`; there are: {}",
            all.join(", ")
        );
    }
    Ok(())
}

fn run_tests(names: &suite::Names, summary: &mut Summary) {
    for tool in parts::TOOLS {
        if let Err(missing) = parts::ensure_tool(tool) {
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
