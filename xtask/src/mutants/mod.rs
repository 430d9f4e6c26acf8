//! `cargo xtask mutants`: each guard is switched off in turn, and somebody has to notice.
//!
//! The lists in `xtask/mutants` say what a guard is, what the code without it is, and which tests
//! must fail then. All patches go into one copy of the sources, each behind a switch that reads an
//! environment variable: so it is built once, and a guard costs the seconds of its tests.

mod list;
mod rules;
mod simulator;
mod tests;
mod tree;

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use crate::cargo;
use crate::clock::{Stopwatch, readable};
use list::Mutant;
use simulator::Simulator;
use tests::{Outcome, Tests};

pub(crate) use rules::check;

/// Everything of this command, under the build folder.
const FOLDER: &str = "target/mutants";

#[derive(Args)]
pub(crate) struct Options {
    /// Only this guard; may be given more than once
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Show the guards and do nothing
    #[arg(long)]
    list: bool,
    /// See which guards the simulator finds, too
    #[arg(long)]
    sim: bool,
    /// Seeds that the simulator is given for each guard
    #[arg(long, value_name = "N", default_value_t = 200)]
    seeds: u32,
}

/// Those who may notice.
struct Catchers {
    tests: Tests,
    simulator: Option<Simulator>,
}

/// A guard, and who noticed that it was gone.
struct Tried<'a> {
    mutant: &'a Mutant,
    tests: Vec<String>,
    simulator: Option<bool>,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let root = cargo::root();
    let all = list::read(&root)?;
    if options.list {
        show(&all);
        return Ok(ExitCode::SUCCESS);
    }
    let copy = root.join(FOLDER).join("tree");
    std::fs::create_dir_all(&copy)?;
    tree::write(&root, &copy, &all)?;
    let chosen = list::chosen(all, &options.only)?;
    let built = tree::build(&copy, &["test", "--workspace", "--no-run"])?;
    let asked = chosen.iter().any(|it| asks_simulator(it, options.sim));
    let simulator = asked.then(|| Simulator::build(&copy, options.seeds));
    let catchers = Catchers {
        tests: Tests::of(&copy, &built)?,
        simulator: simulator.transpose()?,
    };
    catchers.are_content(&chosen)?;
    println!("\n{:>8}  {:<34} caught by", "", "guard");
    let mut tried = Vec::new();
    for (index, mutant) in chosen.iter().enumerate() {
        let watch = Stopwatch::start();
        let one = catchers.try_without(mutant, options.sim)?;
        let progress = format!("[{}/{}]", index + 1, chosen.len());
        let (name, who) = (&mutant.name, one.who());
        println!(
            "{progress:>8}  {name:<34} {who} ({})",
            readable(watch.elapsed())
        );
        tried.push(one);
    }
    Ok(summary(&tried))
}

fn show(all: &[Mutant]) {
    for mutant in all {
        let Mutant {
            name, breaks, file, ..
        } = mutant;
        println!("{name:<34} {breaks}\n{:<34} {file}", "");
    }
    println!("{} guards", all.len());
}

fn summary(tried: &[Tried<'_>]) -> ExitCode {
    let survivors: Vec<_> = tried.iter().filter(|one| !one.is_caught()).collect();
    let by_simulator = tried.iter().filter(|one| one.simulator == Some(true));
    println!(
        "\n{} guards, {} caught, {} survived; the simulator was asked about {} and caught {}",
        tried.len(),
        tried.len() - survivors.len(),
        survivors.len(),
        tried.iter().filter(|one| one.simulator.is_some()).count(),
        by_simulator.count(),
    );
    for Tried { mutant, .. } in &survivors {
        println!("  {}: {}", mutant.name, mutant.breaks);
    }
    if survivors.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

impl Catchers {
    /// With no patch switched on nobody complains: otherwise a complaint would prove nothing.
    fn are_content(&self, mutants: &[Mutant]) -> anyhow::Result<()> {
        let names: BTreeSet<_> = mutants.iter().flat_map(named_tests).collect();
        let names: Vec<_> = names.into_iter().collect();
        println!("{} tests without any patch", names.len());
        let outcome = self.tests.run(&names, None)?;
        if outcome.hung || !outcome.failed.is_empty() {
            bail!(
                "with no guard switched off these fail: {:?}",
                outcome.failed
            );
        }
        if let Some(simulator) = &self.simulator {
            println!("the simulator without any patch");
            if simulator.notices(None)? {
                bail!("with no guard switched off the simulator finds something; run it alone");
            }
        }
        Ok(())
    }

    fn try_without<'a>(
        &self,
        mutant: &'a Mutant,
        with_simulator: bool,
    ) -> anyhow::Result<Tried<'a>> {
        let Outcome { failed, hung } = self.tests.run(&named_tests(mutant), Some(&mutant.name))?;
        let mut tests = failed;
        tests.sort();
        if hung {
            tests.push("a test that did not end".to_owned());
        }
        let simulator = match &self.simulator {
            Some(simulator) if asks_simulator(mutant, with_simulator) => {
                Some(simulator.notices(Some(&mutant.name))?)
            }
            Some(_) | None => None,
        };
        Ok(Tried {
            mutant,
            tests,
            simulator,
        })
    }
}

fn named_tests(mutant: &Mutant) -> Vec<String> {
    let tests = mutant
        .caught_by
        .iter()
        .filter(|name| *name != simulator::NAME);
    tests.cloned().collect()
}

fn asks_simulator(mutant: &Mutant, always: bool) -> bool {
    always || mutant.caught_by.iter().any(|name| name == simulator::NAME)
}

impl Tried<'_> {
    fn is_caught(&self) -> bool {
        !self.tests.is_empty() || self.simulator == Some(true)
    }

    fn who(&self) -> String {
        let mut who = self.tests.clone();
        match self.simulator {
            Some(true) => who.push("the simulator".to_owned()),
            Some(false) => who.push("(the simulator does not see it)".to_owned()),
            None => {}
        }
        if !self.is_caught() {
            who.insert(0, "NOBODY: it survives".to_owned());
        }
        who.join(&format!("\n{:<45}", ""))
    }
}
