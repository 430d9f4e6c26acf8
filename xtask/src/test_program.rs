//! What a program made of Rust tests says.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::run;

/// It starts, prints and ends.
const LIST_LIMIT: Duration = Duration::from_secs(60);

/// The names of its tests.
pub(crate) fn list(program: &Path) -> anyhow::Result<Vec<String>> {
    let mut command = Command::new(program);
    command.args(["--list", "--format", "terse"]);
    let mut tests = Vec::new();
    run::output_by_line(&mut command, LIST_LIMIT, |line| {
        tests.extend(line.strip_suffix(": test").map(str::to_owned));
    })?;
    Ok(tests)
}

/// `test a::b ... ok`: the test, and the word.
pub(crate) fn verdict(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("test ")?.split_once(" ... ")
}
