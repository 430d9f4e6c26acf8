//! The simulator as one who notices: `caught_by = ["sim"]`, or with `--sim` for every guard.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context;

use super::list::VARIABLE;
use super::tree;
use crate::cargo;
use crate::run;

/// What stands in `caught_by` for it.
pub(super) const NAME: &str = "sim";
const PROGRAM: &str = "shouyin-simulator";
/// All of its seeds, on a busy machine.
const LIMIT: Duration = Duration::from_secs(600);

pub(super) struct Simulator {
    program: PathBuf,
    /// That it is given to notice; it stops at the first that fails.
    seeds: u32,
}

impl Simulator {
    /// Built for speed, as `cargo xtask sim` does.
    pub(super) fn build(copy: &Path, seeds: u32) -> anyhow::Result<Self> {
        let arguments = ["build", "--profile", "sim", "-p", PROGRAM];
        let mut binaries = cargo::binaries(tree::build(copy, &arguments)?);
        let program = binaries.remove(PROGRAM);
        let program = program.with_context(|| format!("cargo built no `{PROGRAM}`"))?;
        Ok(Self { program, seeds })
    }

    /// Whether it notices that this patch is switched on; with none, whether it complains.
    pub(super) fn notices(&self, mutant: Option<&str>) -> anyhow::Result<bool> {
        let mut command = Command::new(&self.program);
        command
            .current_dir(cargo::root())
            .env_remove(VARIABLE)
            .args(["--shrink", "0", "--seeds", &self.seeds.to_string()]);
        if let Some(mutant) = mutant {
            command.env(VARIABLE, mutant);
        }
        match run::by_line(&mut command, LIMIT, |_| {}) {
            Ok(status) => Ok(!status.success()),
            Err(error) if crate::interrupt::requested() => Err(error),
            // A simulation that does not end has noticed as well.
            Err(_) => Ok(true),
        }
    }
}
