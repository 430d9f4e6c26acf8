//! `cargo xtask demo`: the sandbox, the server, a tea shop, and, if wanted, a buyer.

mod banner;
mod buyer;
mod http;
mod phone;
mod platform;
mod ports;
mod programs;
mod shop;
mod story;
mod teller;

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;

use crate::clock::{Stopwatch, pause, readable};
use crate::guarded::Guarded;
use crate::interrupt;
use phone::Phone;
use ports::Ports;
pub(crate) use programs::Programs;
use shop::Account;

/// Lines of a program's log that are shown when the demo fails.
const LOG_TAIL_LINES: usize = 40;

#[derive(Args)]
pub(crate) struct Options {
    /// Let a buyer play the whole story over HTTP, then stop
    #[arg(long)]
    headless: bool,
    /// Keep keys, database and logs in this folder, for the next run [default: a temporary one];
    /// the sandbox itself forgets its orders
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// First of the ports: server N, its metrics N+1, sandbox N+10, its control plane N+11
    #[arg(long, value_name = "N", default_value_t = Ports::DEFAULT_BASE)]
    port_base: u16,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let ports = Ports::from_base(options.port_base)?;
    ports.check_free()?;
    println!("building shouyin and shouyin-sandbox");
    let programs = Programs::build()?;
    // The headless buyer talks HTTP.
    let phone = (!options.headless).then(Phone::prepare);
    let (folder, temporary) = folder(options)?;
    let watch = Stopwatch::start();
    let (mut sandbox, merchant) = programs.start_sandbox(&folder, ports, phone.as_ref())?;
    let account = Account::new(&merchant);
    shop::furnish(&folder, &account, ports)?;
    let goods = folder.join("goods.csv");
    programs.run_server_command(&folder, &["migrate"])?;
    programs.run_server_command(&folder, &["goods", "import", &goods.to_string_lossy()])?;
    let mut server = programs.start_server(&folder, ports)?;
    println!("both programs are up after {}\n", readable(watch.elapsed()));

    let outcome = match &phone {
        None => story::play(ports, &account),
        Some(phone) => {
            banner::print(&folder, ports, phone, temporary.is_none());
            wait_for_ctrl_c(&mut [&mut server, &mut sandbox])
        }
    };
    if outcome.is_err() && !interrupt::requested() {
        for program in [&server, &sandbox] {
            print_log_tail(program);
        }
    }
    // The server first: it may still want to say something to the sandbox.
    let clean = server.stop() & sandbox.stop();
    outcome?;
    if !clean {
        bail!("a program had to be killed, it did not stop when asked");
    }
    println!("both programs have stopped");
    Ok(ExitCode::SUCCESS)
}

/// The folder of this run, and what removes it again when it is a temporary one.
fn folder(options: &Options) -> anyhow::Result<(PathBuf, Option<tempfile::TempDir>)> {
    match &options.data {
        Some(folder) => {
            // Database and logs are as private as the keys.
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
            // The programs run inside the folder, so a relative path would be looked up twice.
            Ok((folder.canonicalize()?, None))
        }
        None => {
            let folder = tempfile::Builder::new().prefix("shouyin-demo-").tempdir()?;
            Ok((folder.path().to_path_buf(), Some(folder)))
        }
    }
}

fn wait_for_ctrl_c(programs: &mut [&mut Guarded]) -> anyhow::Result<()> {
    while !interrupt::requested() {
        for program in programs.iter_mut() {
            if let Some(status) = program.ended()? {
                bail!("{} has ended by itself ({status})", program.name());
            }
        }
        pause(Duration::from_millis(100));
    }
    println!("\nstopping");
    Ok(())
}

fn print_log_tail(program: &Guarded) {
    let log = program.log_text();
    let lines: Vec<&str> = log.lines().collect();
    let tail = &lines[lines.len().saturating_sub(LOG_TAIL_LINES)..];
    println!(
        "\nthe last lines of {}:\n{}",
        program.name(),
        tail.join("\n")
    );
}

/// Shortened for a table: the part of a path behind the folder of the run.
fn beside(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}
