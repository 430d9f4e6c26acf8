//! The test binaries and the documentation's examples, through `cargo test`.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::cargo;
use crate::run;

use super::POSTGRES_URL;
use super::parse::{Finished, Reader};
use super::summary::Summary;

/// Everything together takes minutes on two slow cores; a hung test must not hold a machine.
const TESTS_LIMIT: Duration = Duration::from_secs(30 * 60);

/// What to call a test binary: file name -> `crates/store, test it`.
#[derive(Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Builds all test binaries, so that compile time is not test time and errors come first.
pub(super) fn build(names: &mut Names) -> anyhow::Result<()> {
    for one in cargo::build(&["test", "--workspace", "--no-run"])? {
        let what = match one.kind.as_str() {
            "test" => format!("{}, tests/{}", one.package, one.name),
            kind => format!("{}, {kind}", one.package),
        };
        if let Some(file) = one.path.file_name() {
            names.0.insert(file.to_string_lossy().into_owned(), what);
        }
    }
    Ok(())
}

pub(super) fn run(names: &Names, postgres_url: Option<&str>, summary: &mut Summary) {
    let mut command = cargo::command();
    // `--show-output` lets a test that passes say that it was skipped.
    command
        .args([
            "test",
            "--workspace",
            "--no-fail-fast",
            "--",
            "--show-output",
        ])
        .env("CARGO_TERM_COLOR", "never");
    match postgres_url {
        Some(url) => command.env(POSTGRES_URL, url),
        None => command.env_remove(POSTGRES_URL),
    };
    println!("\n== tests");
    let mut reader = Reader::new(&names.0);
    let outcome = run::by_line(&mut command, TESTS_LIMIT, |line| {
        reader
            .line(line)
            .iter()
            .for_each(|finished| record(finished, summary));
    });
    reader
        .end()
        .iter()
        .for_each(|finished| record(finished, summary));
    match outcome {
        Ok(status) if status.success() || summary.has_failures() => {}
        Ok(status) => summary.failed("cargo test", &format!("{status}\n{}", reader.tail())),
        Err(error) => summary.failed("cargo test", &format!("{error:#}\n{}", reader.tail())),
    }
}

fn record(finished: &Finished, summary: &mut Summary) {
    let Finished {
        title,
        passed,
        failed,
        skipped,
        seconds,
        failure_text,
    } = finished;
    let mut counts = format!("{passed} passed");
    if *failed > 0 {
        counts.push_str(&format!(", {failed} FAILED"));
    }
    if !skipped.is_empty() {
        counts.push_str(&format!(", {} skipped", skipped.len()));
    }
    // Cargo also runs binaries without a test in them; they are not news.
    if passed + failed + skipped.len() > 0 {
        println!("   {title:<34} {counts:<28} {seconds:>7} s");
    }
    if *failed > 0 {
        println!("{failure_text}");
    }
    summary.tests(title, *passed, *failed);
    for (test, reason) in skipped {
        summary.skipped(format!("{title}: {test}"), reason.clone());
    }
}
