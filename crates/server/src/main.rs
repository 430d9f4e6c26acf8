//! `shouyin`: parse the arguments, run the command, say what went wrong.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use server::cli::Cli;
use server::commands;

#[tokio::main]
async fn main() -> ExitCode {
    match commands::run(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            let told = commands::hint::tell(&error, &mut std::io::stderr());
            // Without stderr there is nobody left to tell.
            told.and_then(|()| std::io::stderr().flush()).ok();
            ExitCode::FAILURE
        }
    }
}
