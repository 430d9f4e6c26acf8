//! The simulator as one who notices: `caught_by = ["sim"]`, or with `--sim` for every guard.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::list::VARIABLE;
use crate::cargo::{self, Built};
use crate::run;

/// What stands in `caught_by` for it.
pub(super) const NAME: &str = "sim";
const PROGRAM: &str = "shouyin-simulator";
/// Seeds that it is given to notice; it stops at the first that fails.
pub(super) const SEEDS: u32 = 200;
/// All of its seeds, and making the one that fails small, on a busy machine.
const LIMIT: Duration = Duration::from_secs(600);

pub(super) struct Simulator(PathBuf);

impl Simulator {
    pub(super) fn of(built: &[Built]) -> Option<Self> {
        let mut programs = built.iter().filter(|built| !built.is_test);
        let program = programs.find(|built| built.name == PROGRAM)?;
        Some(Self(program.path.clone()))
    }

    /// Whether it notices that this patch is switched on; with none, whether it complains.
    pub(super) fn notices(&self, mutant: Option<&str>) -> anyhow::Result<bool> {
        let mut command = Command::new(&self.0);
        command
            .current_dir(cargo::root())
            .env_remove(VARIABLE)
            .args(["--seeds", &SEEDS.to_string()]);
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
