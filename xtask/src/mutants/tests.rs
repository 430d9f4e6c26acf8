//! The test programs of the copy, and running some of their tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};

use super::list::VARIABLE;
use crate::cargo::{self, Built};
use crate::run;
use crate::test_program;

/// The slowest test takes half a minute on a busy machine. What takes longer hangs, and a test that
/// hangs has noticed as well.
const RUN_LIMIT: Duration = Duration::from_secs(240);
/// More for each test, for the run of all of them without any patch.
const LIMIT_FOR_EACH: Duration = Duration::from_secs(10);

/// One program with tests in it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Program {
    /// The folder of its crate in the copy, where its tests expect to run.
    folder: PathBuf,
    path: PathBuf,
}

/// Where each test is: `crate::module::test` to its program and its name there.
pub(super) struct Tests(BTreeMap<String, (Program, String)>);

/// What became of some tests.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) failed: Vec<String>,
    /// They were stopped at the limit.
    pub(super) hung: bool,
}

impl Tests {
    /// Finds the tests of the copy among what was built of it.
    pub(super) fn of(copy: &Path, built: &[Built]) -> anyhow::Result<Self> {
        let mut tests = BTreeMap::new();
        for built in built.iter().filter(|built| built.is_test) {
            let Some((name, folder)) = crate_of(copy, built) else {
                continue;
            };
            for test in test_program::list(&built.path)? {
                let program = Program {
                    folder: folder.clone(),
                    path: built.path.clone(),
                };
                tests.insert(format!("{name}::{test}"), (program, test));
            }
        }
        Ok(Self(tests))
    }

    /// Runs these tests, with one patch switched on or with none.
    pub(super) fn run(&self, names: &[String], mutant: Option<&str>) -> anyhow::Result<Outcome> {
        let mut programs: BTreeMap<&Program, Vec<(&String, &String)>> = BTreeMap::new();
        for name in names {
            let (program, test) = self.0.get(name).with_context(|| {
                format!("no program has a test `{name}`; its module may have moved")
            })?;
            programs.entry(program).or_default().push((name, test));
        }
        let mut outcome = Outcome::default();
        for (program, tests) in programs {
            program.run(&tests, mutant, &mut outcome)?;
        }
        Ok(outcome)
    }
}

impl Program {
    fn run(
        &self,
        tests: &[(&String, &String)],
        mutant: Option<&str>,
        outcome: &mut Outcome,
    ) -> anyhow::Result<()> {
        let mut command = Command::new(&self.path);
        command
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .env_remove("SHOUYIN_TEST_POSTGRES_URL")
            .env_remove(VARIABLE)
            .arg("--exact")
            .args(tests.iter().map(|(_, test)| test));
        if let Some(mutant) = mutant {
            command.env(VARIABLE, mutant);
        }
        let count = u32::try_from(tests.len()).unwrap_or(u32::MAX);
        let limit = RUN_LIMIT + LIMIT_FOR_EACH.saturating_mul(count);
        let mut passed = 0_usize;
        let mut said = false;
        let ended = run::by_line(&mut command, limit, |line| {
            if let Some((test, word)) = test_program::verdict(line) {
                passed += usize::from(word == "ok");
                let name = tests.iter().find(|(_, known)| *known == test);
                if word == "FAILED"
                    && let Some((name, _)) = name
                {
                    outcome.failed.push((*name).clone());
                }
            }
            said |= line.starts_with("test result: ");
        });
        match ended {
            Err(error) if crate::interrupt::requested() => Err(error),
            Err(_) => {
                outcome.hung = true;
                Ok(())
            }
            // A process that dies has noticed too; one that says nothing has run nothing.
            Ok(status) if !status.success() && !said => {
                outcome
                    .failed
                    .extend(tests.iter().map(|(name, _)| (*name).clone()));
                Ok(())
            }
            Ok(_) if passed == 0 && outcome.failed.is_empty() => {
                bail!("{} ran none of its tests", self.path.display())
            }
            Ok(_) => Ok(()),
        }
    }
}

/// The crate's folder name, and where it lies.
fn crate_of(copy: &Path, built: &Built) -> Option<(String, PathBuf)> {
    let folder = cargo::root().join(&built.package);
    let name = folder.strip_prefix(copy.join("crates")).ok()?;
    Some((name.to_str()?.to_owned(), folder))
}
