//! Reads what `cargo test` prints.
//!
//! A test that cannot run prints `SKIPPED <name>: <reason>` and returns; the test harness counts it
//! as passed, and here it is counted as what it is.

use std::collections::BTreeMap;

/// Lines kept for the case that cargo ends without telling which test failed.
const TAIL_LINES: usize = 40;

/// One test binary (or one crate's documentation examples) that has come to its end.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Finished {
    pub(super) title: String,
    pub(super) passed: usize,
    pub(super) failed: usize,
    /// Test name and reason.
    pub(super) skipped: Vec<(String, String)>,
    pub(super) seconds: String,
    pub(super) failure_text: String,
}

pub(super) struct Reader<'a> {
    names: &'a BTreeMap<String, String>,
    current: Option<Current>,
    tail: Vec<String>,
}

#[derive(Default)]
struct Current {
    title: String,
    /// The test whose captured output is being shown.
    block: Option<String>,
    skipped: BTreeMap<String, String>,
    in_failures: bool,
    output: Vec<String>,
    failures: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(names: &'a BTreeMap<String, String>) -> Self {
        Self {
            names,
            current: None,
            tail: Vec::new(),
        }
    }

    /// Takes one line, and answers with what has come to its end by it.
    pub(super) fn line(&mut self, line: &str) -> Vec<Finished> {
        if self.tail.len() == TAIL_LINES {
            self.tail.remove(0);
        }
        self.tail.push(line.to_owned());
        if let Some(title) = self.started(line) {
            let unfinished = self.end();
            self.current = Some(Current {
                title,
                ..Current::default()
            });
            return unfinished;
        }
        let Some(current) = &mut self.current else {
            return Vec::new();
        };
        match line.strip_prefix("test result: ") {
            Some(result) => vec![current.finish(result)],
            None => {
                current.take(line);
                Vec::new()
            }
        }
    }

    /// At the end of the output or of a binary: one that printed tests but no result has crashed.
    pub(super) fn end(&mut self) -> Vec<Finished> {
        let Some(current) = self.current.take() else {
            return Vec::new();
        };
        if current
            .output
            .iter()
            .all(|line| !line.starts_with("running "))
        {
            return Vec::new();
        }
        vec![Finished {
            title: current.title,
            failed: 1,
            seconds: "?".to_owned(),
            failure_text: format!("ended without a result:\n{}", current.output.join("\n")),
            ..Finished::default()
        }]
    }

    pub(super) fn tail(&self) -> String {
        self.tail.join("\n")
    }

    fn started(&self, line: &str) -> Option<String> {
        let line = line.trim_start();
        if let Some(name) = line.strip_prefix("Doc-tests ") {
            return Some(format!("{name}, documentation"));
        }
        let (what, path) = line
            .strip_prefix("Running ")?
            .strip_suffix(')')?
            .rsplit_once(" (")?;
        let file = path.rsplit('/').next()?;
        Some(
            self.names
                .get(file)
                .cloned()
                .unwrap_or_else(|| format!("{what} {file}")),
        )
    }
}

impl Current {
    fn take(&mut self, line: &str) {
        let shown = line
            .strip_prefix("---- ")
            .and_then(|rest| rest.strip_suffix(" stdout ----"));
        match line {
            "successes:" => self.block = None,
            "failures:" => {
                self.block = None;
                self.in_failures = true;
            }
            _ => {}
        }
        if let Some(test) = shown {
            self.block = Some(test.to_owned());
        } else if let Some((name, reason)) = skip_note(line) {
            let test = self.block.clone().unwrap_or_else(|| name.to_owned());
            self.skipped.insert(test, reason.to_owned());
        } else if let Some((test, reason)) = ignored(line) {
            self.skipped.insert(test.to_owned(), reason.to_owned());
        }
        let kept = if self.in_failures {
            &mut self.failures
        } else {
            &mut self.output
        };
        kept.push(line.to_owned());
    }

    /// `ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s`.
    fn finish(&mut self, result: &str) -> Finished {
        let count = |word: &str| {
            result
                .split([';', '.'])
                .find_map(|part| part.trim().strip_suffix(word)?.trim().parse::<usize>().ok())
                .unwrap_or(0)
        };
        let seconds = result.rsplit("finished in ").next().unwrap_or_default();
        let ended = std::mem::take(self);
        // Documentation examples report more than once under one title.
        self.title = ended.title.clone();
        let skipped: Vec<_> = ended.skipped.into_iter().collect();
        let skipped_as_passed = skipped.len().saturating_sub(count("ignored"));
        Finished {
            title: ended.title,
            passed: count("passed").saturating_sub(skipped_as_passed),
            failed: count("failed"),
            skipped,
            seconds: seconds.trim_end_matches('s').to_owned(),
            failure_text: ended.failures.join("\n"),
        }
    }
}

fn skip_note(line: &str) -> Option<(&str, &str)> {
    line.trim_start().strip_prefix("SKIPPED ")?.split_once(": ")
}

/// `test some::name ... ignored, the reason`.
fn ignored(line: &str) -> Option<(&str, &str)> {
    let (test, rest) = line.strip_prefix("test ")?.split_once(" ... ignored")?;
    let reason = rest.strip_prefix(", ").unwrap_or("marked as ignored");
    Some((test, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Finished> {
        let names = [("it-0af".to_owned(), "crates/store, tests/it".to_owned())].into();
        let mut reader = Reader::new(&names);
        let mut finished: Vec<_> = text.lines().flat_map(|line| reader.line(line)).collect();
        finished.extend(reader.end());
        finished
    }

    #[test]
    fn a_test_that_says_skipped_is_not_counted_as_passed() {
        let finished = read(
            "     Running tests/it/main.rs (target/debug/deps/it-0af)\n\nrunning 3 tests\n\
             test a ... ok\ntest b::postgres ... ok\ntest c ... ignored, slow\n\nsuccesses:\n\n\
             ---- b::postgres stdout ----\nSKIPPED b: no PostgreSQL\nSKIPPED b: said twice\n\n\n\
             successes:\n    a\n    b::postgres\n\ntest result: ok. 2 passed; 0 failed; 1 ignored; \
             0 measured; 0 filtered out; finished in 0.31s\n\n",
        );
        assert_eq!(finished.len(), 1);
        assert_eq!(finished[0].title, "crates/store, tests/it");
        assert_eq!((finished[0].passed, finished[0].failed), (1, 0));
        assert_eq!(finished[0].seconds, "0.31");
        let skipped: Vec<_> = finished[0]
            .skipped
            .iter()
            .map(|(test, _)| test.as_str())
            .collect();
        assert_eq!(skipped, ["b::postgres", "c"]);
    }

    #[test]
    fn a_failure_is_shown_in_full_and_successes_are_not() {
        let finished = read(
            "     Running unittests src/lib.rs (target/debug/deps/fen-1)\n\nrunning 2 tests\n\
             test a ... ok\ntest b ... FAILED\n\nsuccesses:\n\n---- a stdout ----\nnoise\n\n\
             failures:\n\n---- b stdout ----\nleft: 1, right: 2\n\nfailures:\n    b\n\n\
             test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; \
             finished in 0.00s\n",
        );
        assert_eq!((finished[0].passed, finished[0].failed), (1, 1));
        assert!(finished[0].failure_text.contains("left: 1, right: 2"));
        assert!(!finished[0].failure_text.contains("noise"));
    }

    #[test]
    fn a_binary_that_crashes_counts_as_a_failure() {
        let finished = read(
            "     Running unittests src/lib.rs (target/debug/deps/fen-1)\n\nrunning 2 tests\n\
             test a ... ok\nfatal: stack overflow\n   Doc-tests fen\n\nrunning 1 test\n\
             test fen ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; \
             0 filtered out; finished in 0.10s\n\nall doctests ran in 0.20s\n",
        );
        assert_eq!(finished.len(), 2);
        assert_eq!((finished[0].failed, finished[1].passed), (1, 1));
        assert!(finished[0].failure_text.contains("stack overflow"));
    }

    #[test]
    fn examples_that_report_twice_are_both_counted() {
        let result = "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; \
                      finished in 0.10s";
        let run = format!("running 2 tests\n{result}\n");
        let finished = read(&format!("   Doc-tests fen\n{run}{run}"));
        assert_eq!(finished.iter().map(|one| one.passed).sum::<usize>(), 4);
    }
}
