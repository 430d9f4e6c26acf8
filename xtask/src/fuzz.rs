//! `cargo xtask fuzz`: the targets that every test run tries for a second, tried for longer, each
//! time with other inputs.
//!
//! A target is a test whose name begins with `fuzz_`. It is run again and again until its time is
//! over: the tests themselves read no clock.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::bail;
use clap::Args;

use crate::cargo;
use crate::clock::{Stopwatch, readable};
use crate::run;
use crate::test_program;

/// Inputs of the first round. The others are made to take [`ROUND_TIME`], so that the time that was
/// asked for is kept, and starting the program costs little of it.
const FIRST_ROUND: u128 = 100;
const ROUND_TIME: Duration = Duration::from_secs(5);
const ROUND_MAX: u128 = 100_000;
/// A target that does not come to its end has found something, too.
const ROUND_LIMIT: Duration = Duration::from_secs(300);
/// Of the output of a target that failed: the input stands in its last lines.
const TAIL_LINES: usize = 60;

#[derive(Args)]
pub(crate) struct Options {
    /// How long each target is tried
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
    /// Only targets whose names contain this; may be given more than once
    #[arg(long, value_name = "NAME")]
    target: Vec<String>,
}

struct Target {
    /// `wechatpay::fuzzed::fuzz_envelope`.
    name: String,
    test: String,
    folder: PathBuf,
    program: PathBuf,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let targets = targets(&options.target)?;
    if targets.is_empty() {
        bail!("no target has such a name; leave --target out to see them all");
    }
    let time = Duration::from_secs(options.seconds);
    let mut failed = 0_usize;
    for (index, target) in targets.iter().enumerate() {
        let progress = format!("[{}/{}]", index + 1, targets.len());
        failed += usize::from(!try_for(target, time, &progress)?);
    }
    println!("\n{} targets, {failed} failed", targets.len());
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn targets(wanted: &[String]) -> anyhow::Result<Vec<Target>> {
    let mut targets = Vec::new();
    let built = cargo::build(&["test", "--workspace", "--no-run"])?;
    for built in built.into_iter().filter(|built| built.is_test) {
        let folder = cargo::root().join(&built.package);
        let package = built.package.rsplit('/').next().unwrap_or_default();
        for test in test_program::list(&built.path)? {
            let name = format!("{package}::{test}");
            let is_target = test
                .rsplit("::")
                .next()
                .is_some_and(|it| it.starts_with("fuzz_"));
            if is_target && (wanted.is_empty() || wanted.iter().any(|part| name.contains(part))) {
                targets.push(Target {
                    name,
                    test,
                    folder: folder.clone(),
                    program: built.path.clone(),
                });
            }
        }
    }
    Ok(targets)
}

/// `false` when an input was found that it does not stand.
fn try_for(target: &Target, time: Duration, progress: &str) -> anyhow::Result<bool> {
    let watch = Stopwatch::start();
    let (mut inputs, mut round) = (0, FIRST_ROUND);
    while !watch.exceeds(time) {
        let of_round = Stopwatch::start();
        if let Some(output) = fails(target, round)? {
            println!("{progress:>7} {}: FAILED\n{output}", target.name);
            println!("give this input a test of its own beside the parser, then mend the parser\n");
            return Ok(false);
        }
        inputs += round;
        let aim = ROUND_TIME
            .min(time.saturating_sub(watch.elapsed()))
            .as_millis();
        round = (round * aim / of_round.elapsed().as_millis().max(1)).clamp(FIRST_ROUND, ROUND_MAX);
    }
    let passed = readable(watch.elapsed());
    println!(
        "{progress:>7} {:<66} {inputs:>8} inputs in {passed}",
        target.name
    );
    Ok(true)
}

/// One round; what it printed when it failed.
fn fails(target: &Target, inputs: u128) -> anyhow::Result<Option<String>> {
    let mut command = Command::new(&target.program);
    command
        .current_dir(&target.folder)
        .env("CARGO_MANIFEST_DIR", &target.folder)
        .env("PROPTEST_CASES", inputs.to_string())
        .args(["--exact", &target.test]);
    let mut lines = Vec::new();
    let ended = run::by_line(&mut command, ROUND_LIMIT, |line| {
        lines.push(line.to_owned());
    });
    let tail = lines
        .split_off(lines.len().saturating_sub(TAIL_LINES))
        .join("\n");
    match ended {
        Ok(status) if status.success() => Ok(None),
        Ok(_) => Ok(Some(tail)),
        Err(error) if crate::interrupt::requested() => Err(error),
        Err(error) => Ok(Some(format!("{error:#}\n{tail}"))),
    }
}
