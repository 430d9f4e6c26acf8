//! A failure, for a person: what is broken, how to see it again, and what happened.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    run::{Outcome, Run},
    weather::Fault,
};

/// The end of a story is where it went wrong.
const LINES_MAX: usize = 120;

/// The trace of a run, only what concerns `order_no` and what concerns everybody.
pub fn story_of(outcome: &Outcome, order_no: Option<&str>) -> String {
    let concerns = |line: &&str| {
        let everybody = [
            "weather",
            "wechat",
            "AUDIT",
            "starts",
            "dies",
            "stands still",
        ];
        order_no.is_none_or(|number| line.contains(number))
            || everybody.iter().any(|word| line.contains(word))
    };
    let lines: Vec<&str> = outcome.trace.lines().filter(concerns).collect();
    let from = lines.len().saturating_sub(LINES_MAX);
    let mut story = String::new();
    if from > 0 {
        // Writing into a String cannot fail.
        writeln!(story, "  … {from} lines before").unwrap_or_default();
    }
    for line in &lines[from..] {
        writeln!(story, "  {line}").unwrap_or_default();
    }
    story
}

/// Everything that somebody needs who has to mend it. `shrunk` is the smallest run that fails.
pub fn failure(seed: u64, what: &str, commit: &str, shrunk: Option<&(Run, Outcome)>) -> String {
    let mut text = format!(
        "seed {seed} at commit {commit}: {what}\n\
         again: cargo xtask sim --seeds 1 --from {seed}\n"
    );
    let Some((run, outcome)) = shrunk else {
        return text;
    };
    let left: BTreeSet<&Fault> = outcome.faults.keys().collect();
    let order_no = outcome
        .violation
        .as_ref()
        .and_then(|v| v.order_no.as_deref());
    write!(
        text,
        "smallest: {} orders, faults {left:?}, clogged {}\n{}",
        run.size.orders,
        outcome.swizzled,
        story_of(outcome, order_no)
    )
    .unwrap_or_default();
    text
}
