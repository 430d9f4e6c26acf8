//! What passed, what failed, what was skipped and why.

use std::process::ExitCode;

use super::tap::Counts;
use crate::clock::{Stopwatch, readable};
use crate::interrupt;

#[derive(Default)]
pub(super) struct Summary {
    passed: usize,
    failed: usize,
    failures: Vec<String>,
    skipped: Vec<(String, String)>,
}

impl Summary {
    /// Runs one step that either passes or fails, unless the user wants to stop.
    pub(super) fn step(&mut self, name: &str, work: impl FnOnce() -> anyhow::Result<()>) {
        if interrupt::requested() {
            return self.failed(name, "interrupted");
        }
        println!("\n== {name}");
        let watch = Stopwatch::start();
        match work() {
            Ok(()) => {
                self.passed += 1;
                println!("   passed in {}", readable(watch.elapsed()));
            }
            Err(error) => self.failed(name, &format!("{error:#}")),
        }
    }

    /// Gets what later steps need. Not being able to is a reason to skip them, not a failure.
    pub(super) fn obtain<T>(
        &mut self,
        name: &str,
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> Option<T> {
        println!("\n== {name}");
        let watch = Stopwatch::start();
        match work() {
            Ok(thing) => {
                self.passed += 1;
                println!("   there after {}", readable(watch.elapsed()));
                return Some(thing);
            }
            Err(_) if interrupt::requested() => self.failed(name, "interrupted"),
            Err(missing) => {
                println!("   SKIPPED: {missing:#}");
                self.skipped(name.to_owned(), format!("{missing:#}"));
            }
        }
        None
    }

    /// Runs a step that counts its own tests.
    pub(super) fn run(&mut self, name: &str, work: impl FnOnce() -> anyhow::Result<Counts>) {
        if interrupt::requested() {
            return self.failed(name, "interrupted");
        }
        println!("\n== {name}");
        let watch = Stopwatch::start();
        match work() {
            Ok(Counts {
                passed,
                failed,
                skipped,
            }) => {
                let count = skipped.len();
                let took = readable(watch.elapsed());
                println!("   {passed} passed, {failed} failed, {count} skipped in {took}");
                self.tests(name, passed, failed);
                for (test, reason) in skipped {
                    self.skipped(format!("{name}: {test}"), reason);
                }
            }
            Err(error) => self.failed(name, &format!("{error:#}")),
        }
    }

    pub(super) fn failed(&mut self, name: &str, why: &str) {
        println!("   FAILED: {why}");
        self.failed += 1;
        self.failures.push(format!(
            "{name}: {}",
            why.lines().next().unwrap_or_default()
        ));
    }

    pub(super) fn tests(&mut self, title: &str, passed: usize, failed: usize) {
        self.passed += passed;
        self.failed += failed;
        if failed > 0 {
            self.failures
                .push(format!("{title}: {failed} of its tests, shown above"));
        }
    }

    pub(super) fn skipped(&mut self, name: String, reason: String) {
        self.skipped.push((name, reason));
    }

    pub(super) fn has_failures(&self) -> bool {
        self.failed > 0
    }

    /// Prints the lists and, as the very last line, the counts.
    pub(super) fn finish(self) -> ExitCode {
        if !self.skipped.is_empty() {
            println!("\nskipped:");
            for (name, reason) in &self.skipped {
                println!("   {name}: {reason}");
            }
        }
        if !self.failures.is_empty() {
            println!("\nfailed:");
            for failure in &self.failures {
                println!("   {failure}");
            }
        }
        println!("\n{}", self.last_line());
        if self.failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    fn last_line(&self) -> String {
        let Self { passed, failed, .. } = self;
        format!(
            "{passed} passed, {failed} failed, {} skipped",
            self.skipped.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_steps_and_tests_together() {
        let mut summary = Summary::default();
        summary.step("fmt", || Ok(()));
        summary.step("docs", || anyhow::bail!("a broken link"));
        summary.tests("crates/fen, lib", 12, 1);
        summary.skipped("on_postgres".to_owned(), "no PostgreSQL".to_owned());
        assert_eq!(summary.last_line(), "13 passed, 2 failed, 1 skipped");
        assert_eq!(summary.failures[0], "docs: a broken link");
        assert_eq!(summary.finish(), ExitCode::FAILURE);
    }
}
