#![doc = include_str!("../README.md")]
#![expect(
    clippy::print_stdout,
    reason = "a command-line tool speaks on standard output"
)]

mod bench;
mod cargo;
mod chaos;
mod clock;
mod demo;
mod faults;
mod fuzz;
mod guarded;
mod interrupt;
mod mutants;
mod node;
mod parts;
mod picture;
mod postgres;
mod run;
mod sim;
mod test;
mod test_program;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own tools. Each works on a fresh clone with Rust and a C compiler installed.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the sandbox and the server with a small shop and a phone, and look around
    ///
    /// Builds both programs, starts them on 127.0.0.1 (sandbox 8090 and 8091, server 8080 and
    /// 8081), fills a tea shop and prints where everything is: first of all the page with a phone,
    /// on which the mini program runs. Its runtime comes by npm; without npm there is no phone, and
    /// the rest works. Runs until Ctrl-C.
    ///
    /// With --headless a buyer goes shopping over HTTP, three times: once with everything working,
    /// once with every notification lost, and once without paying. The command then ends, and its
    /// exit code is 0 only when the orders ended as `paid`, `paid` and `closed`.
    #[command(
        after_help = "Examples:\n  cargo xtask demo\n  cargo xtask demo --headless\n  \
        cargo xtask demo --data ./my-shop     keeps keys and database for the next run\n  \
        cargo xtask demo --port-base 9080     when 8080 or its neighbours are taken"
    )]
    Demo(demo::Options),

    /// Run everything that must pass before a change is accepted
    ///
    /// Formatting, clippy with warnings as errors, the client without its HTTP transport, tidy,
    /// documentation, and all tests on SQLite and on a PostgreSQL that is started for this run;
    /// then the mini program: its logic, its types, WeChat's own compilers, and a real browser.
    /// The last line is `N passed, N failed, N skipped`.
    #[command(
        after_help = "Environment:\n  SHOUYIN_TEST_POSTGRES_URL   use this PostgreSQL \
        instead of starting one\n  \
        CHROMIUM                    use this browser\n  \
        SHOUYIN_PICTURES            folder for screenshots [default: target/pictures]\n\n\
        On Debian as root, what is missing is installed with apt-get; \
        elsewhere it is named,\nand the tests that need it are counted as skipped."
    )]
    Test(test::Options),

    /// Check the house rules that compilers do not know
    ///
    /// Sizes, arrows between crates, left-over marks, pages for error codes, configuration keys,
    /// migrations for both engines. Prints `path:line: what, and what to do` for each finding.
    Tidy,

    /// Write docs/FAULTS.md: what can go wrong, and the tests that show that it is dealt with
    ///
    /// The faults stand in xtask/src/faults/catalogue.toml. A test shows a row when its name begins
    /// with it (`n04_…`); the first sentence of its comment says what it shows. The command names
    /// rows without a test, and its exit code is 0 only when there are none.
    Faults,

    /// Switch each guard off in turn and see that a test notices
    ///
    /// The lists in xtask/mutants say what a guard is, what the code without it is, and which
    /// tests must fail then. All of this goes into a copy of the sources under target/mutants,
    /// which is built once; then each guard takes the seconds of its tests. Nothing of it is in
    /// the product. The exit code is 0 only when every guard is caught.
    #[command(after_help = "Examples:\n  cargo xtask mutants\n  \
        cargo xtask mutants --only amount-check --only payer-check\n  \
        cargo xtask mutants --list")]
    Mutants(mutants::Options),

    /// Try the parsers with spoilt samples, for as long as you like
    ///
    /// Every test run does this for a second for each target; here each gets a minute, or what
    /// --seconds says, and other inputs every time. An input that fails is made small and printed.
    #[command(after_help = "Examples:\n  cargo xtask fuzz\n  \
        cargo xtask fuzz --seconds 600 --target fuzz_envelope")]
    Fuzz(fuzz::Options),

    /// Take the READMEs' pictures of the phone again: docs/images
    Picture,

    /// Simulate the shop and WeChat on one virtual clock, thousands of times, and let all go wrong
    ///
    /// Each seed is three days with a hundred orders: lost, late, repeated and forged
    /// notifications, ambiguous answers, crashes, paused machines, wrong clocks, failing databases.
    /// The invariants are checked after every commit and when everything has settled. A failure
    /// prints its seed, the command that repeats it, and the smallest story that shows it.
    #[command(
        after_help = "Examples:\n  cargo xtask sim\n  cargo xtask sim --seeds 10000\n  \
        cargo xtask sim --seeds 1 --from 4711 -- --trace"
    )]
    Sim(sim::Options),

    /// Measure orders/s and notifications/s of a release build, beside the floor of this machine
    Bench(bench::Options),

    /// Break the real server under load, and check afterwards that nothing was lost or doubled
    ///
    /// Sixteen buyers order, pay, refund and close at once, each with a key for each intent and
    /// the same key until the answer is certain, while the server is killed at random. What they
    /// saw is written down and compared with the server's books, the platform's ledger, the
    /// events, and what a webhook receiver was told. Ends with counts, and with an exit code
    /// other than 0 when anything acknowledged is gone, happened twice, or does not add up.
    /// Everything stays on 127.0.0.1. What is shown, and what is not: crates/chaos/README.md.
    #[command(
        after_help = "Examples:\n  cargo xtask chaos --engine sqlite --seconds 60\n  \
        cargo xtask chaos --engine postgres --seconds 60 --seed 7\n  \
        cargo xtask chaos --engine postgres --replicas 3   also pauses processes, and sets clocks \
        wrong\n  \
        cargo xtask chaos --failover             kills a primary, promotes its standby\n  \
        cargo xtask chaos --crash-points --engine postgres   dies once between every two things \
        that last"
    )]
    Chaos(chaos::Options),
}

fn main() -> ExitCode {
    let outcome = interrupt::watch().and_then(|()| match Arguments::parse().command {
        Command::Demo(options) => demo::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Tidy => tidy::run(),
        Command::Faults => faults::run(),
        Command::Mutants(options) => mutants::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Picture => picture::run(),
        Command::Sim(options) => sim::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Chaos(options) => chaos::run(&options),
    });
    match outcome {
        Ok(code) => code,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
