//! `shouyin-simulator`: many seeds, and what came of them. `cargo xtask sim` builds and runs it.

use std::{
    io::{IsTerminal as _, Write as _, stderr},
    process::{Command, ExitCode},
    thread::available_parallelism,
    time::{Duration, Instant},
};

use clap::Parser;
use simulator::{Fleet, Run, Size, Tally, failure, run, sail, shrink};

/// Simulate the shop and WeChat on one virtual clock, and let everything go wrong
///
/// Each seed is three days of a shop: two of storm, with lost and forged notifications, ambiguous
/// answers, crashes, paused machines, wrong clocks and databases that fail, and one day in which
/// everything has to settle. The invariants are checked after every commit and at the end.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:\n  shouyin-simulator --seeds 2000\n  \
    shouyin-simulator --seeds 1 --from 4711 --trace     read what happened in seed 4711\n\n\
    The exit code is 0 only when no seed failed.")]
struct Arguments {
    /// How many seeds
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Orders in each seed, at most 400
    #[arg(long, default_value_t = Size::default().orders)]
    orders: u32,
    /// Seeds at one time [default: one for each core]
    #[arg(long)]
    threads: Option<usize>,
    /// Print everything that happened (for a few seeds)
    #[arg(long)]
    trace: bool,
    /// The commit to name in failures
    #[arg(long, env = "SHOUYIN_COMMIT", default_value = "unknown")]
    commit: String,
    /// Go on after a seed failed
    #[arg(long)]
    keep_going: bool,
    /// How many failures are made small, which takes a while; the others are only named
    #[arg(long, default_value_t = 1)]
    shrink: usize,
}

/// How often the progress line is written anew on a terminal.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);

/// How often it is written where lines stay.
const PROGRESS_LINE_EVERY: Duration = Duration::from_secs(60);

#[expect(
    clippy::disallowed_methods,
    reason = "how long the machine took, for the report only"
)]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let began = Instant::now();
    if arguments.trace {
        return show(&arguments);
    }
    let size = Size {
        orders: arguments.orders,
        ..Size::default()
    };
    let cores = available_parallelism().map_or(1, Into::into);
    let fleet = Fleet {
        from: arguments.from,
        seeds: arguments.seeds,
        size,
        threads: arguments.threads.unwrap_or(cores),
    };
    let progress = Progress::new(arguments.seeds);
    let tally = sail(fleet, |tally| {
        progress.show(tally);
        arguments.keep_going || tally.failed.is_empty()
    });
    progress.end();
    report(&tally, began.elapsed());
    failures(&tally, size, &arguments);
    if tally.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn commit(arguments: &Arguments) -> String {
    if arguments.commit != "unknown" {
        return arguments.commit.clone();
    }
    let git = Command::new("git")
        .args(["rev-parse", "--short", "HEAD"])
        .output();
    let text = git.ok().filter(|git| git.status.success());
    let text = text.and_then(|git| String::from_utf8(git.stdout).ok());
    text.map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}

#[expect(clippy::print_stdout, reason = "this is what was asked for")]
fn show(arguments: &Arguments) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for seed in arguments.from..arguments.from.saturating_add(arguments.seeds) {
        let mut this = Run::of(seed);
        this.size.orders = arguments.orders;
        this.keep_trace = true;
        match run(&this) {
            Ok(outcome) => {
                println!("{}", outcome.trace);
                if let Some(violation) = &outcome.violation {
                    println!("seed {seed}: {violation}");
                    code = ExitCode::FAILURE;
                }
            }
            Err(error) => {
                println!("seed {seed}: {error:#}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

#[expect(clippy::print_stdout, reason = "this is what was asked for")]
fn report(tally: &Tally, took: Duration) {
    let rate = u128::from(tally.seeds) * 1000 * 10 / took.as_millis().max(1);
    println!(
        "{} seeds in {} s ({}.{} a second): {} orders, {} paid, {} refunds, {} faults; {} seeds \
         swizzled, {} run twice with the same trace; {} violations",
        tally.seeds,
        took.as_secs(),
        rate / 10,
        rate % 10,
        tally.orders,
        tally.paid,
        tally.refunds,
        tally.struck(),
        tally.swizzled,
        tally.twice,
        tally.failed.len(),
    );
    let faults: Vec<String> = tally
        .faults
        .iter()
        .map(|(fault, count)| format!("{fault:?} {count}"))
        .collect();
    println!("faults: {}", faults.join(", "));
}

#[expect(clippy::print_stdout, reason = "this is what was asked for")]
fn failures(tally: &Tally, size: Size, arguments: &Arguments) {
    let commit = commit(arguments);
    for (number, (seed, what)) in tally.failed.iter().enumerate() {
        let failing = Run {
            size,
            ..Run::of(*seed)
        };
        let shrunk = (number < arguments.shrink)
            .then(|| shrink(&failing))
            .flatten();
        println!("\n{}", failure(*seed, what, &commit, shrunk.as_ref()));
    }
}

/// One line on a terminal, rewritten; elsewhere one a minute.
struct Progress {
    of: u64,
    is_terminal: bool,
    last: std::sync::Mutex<Option<Instant>>,
}

impl Progress {
    fn new(of: u64) -> Self {
        Self {
            of,
            is_terminal: stderr().is_terminal(),
            last: std::sync::Mutex::default(),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "how often a line is rewritten, nothing else"
    )]
    fn show(&self, tally: &Tally) {
        let now = Instant::now();
        let mut last = self
            .last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let (every, from, to) = if self.is_terminal {
            (PROGRESS_EVERY, "\r", " ")
        } else {
            (PROGRESS_LINE_EVERY, "", "\n")
        };
        if now - *last.get_or_insert(now) < every {
            return;
        }
        *last = Some(now);
        // Nobody is told when the terminal has gone.
        write!(
            stderr(),
            "{from}{} of {} seeds, {} orders, {} faults, {} violations{to}",
            tally.seeds,
            self.of,
            tally.orders,
            tally.struck(),
            tally.failed.len()
        )
        .unwrap_or_default();
    }

    fn end(&self) {
        if self.is_terminal {
            writeln!(stderr()).unwrap_or_default();
        }
    }
}
