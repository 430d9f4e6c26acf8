//! What the command line can do. A command reads its input, calls flows and the store, and prints.

pub mod backup;
pub mod config;
pub mod doctor;
pub mod goods;
pub mod hint;
pub mod migrate;
pub mod reconcile;
pub mod serve;
mod signers;

use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::config::Sources;

/// Runs one command of the command line.
///
/// # Errors
/// Whatever kept the command from its work; nothing half-done is left behind.
pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let sources = Sources::of_process(cli.global.config, cli.global.set);
    let out = &mut std::io::stdout();
    match cli.command {
        Command::Serve => serve::run(sources).await?,
        Command::Migrate => migrate::run(&sources.load()?.config, out).await?,
        Command::Backup(args) => backup::run(&args, &sources.load()?.config, out).await?,
        Command::Restore(args) => backup::restore(&args, &sources.load()?.config, out).await?,
        Command::Doctor(args) => return doctor::run(&args, &sources, out).await,
        Command::Reconcile(args) => {
            return reconcile::run(&args, &sources.load()?.config, out).await;
        }
        Command::Config(command) => config::run(&command, &sources, out)?,
        Command::Goods(command) => goods::run(&command, &sources.load()?.config, out).await?,
    }
    Ok(ExitCode::SUCCESS)
}
