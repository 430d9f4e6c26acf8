//! The known-bad patches: what each takes away, what breaks without it, and who has to notice.

use std::path::Path;

use anyhow::{Context, bail};
use serde::Deserialize;

/// Where the lists are, seen from the root.
pub(super) const FOLDER: &str = "xtask/mutants";
/// Stands for "this patch is switched on" in the bad code.
pub(super) const SWITCH: &str = "MUTATED";
/// Names the patch that is switched on, for the whole process.
pub(super) const VARIABLE: &str = "SHOUYIN_MUTANT";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    mutant: Vec<Mutant>,
}

/// One guard, and the code without it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mutant {
    /// Names the guard.
    pub(super) name: String,
    /// What goes wrong without it, in one sentence.
    pub(super) breaks: String,
    /// Where the guard is.
    pub(super) file: String,
    /// The guard: text that stands there exactly once.
    pub(super) find: String,
    /// The same with [`SWITCH`] in it.
    pub(super) replace: String,
    /// Who notices: `crate::module::test`.
    pub(super) caught_by: Vec<String>,
}

impl Mutant {
    /// The bad code, with its switch spelled out.
    pub(super) fn code(&self) -> String {
        let switch = format!(
            "::std::env::var_os(\"{VARIABLE}\").is_some_and(|name| name == \"{}\")",
            self.name
        );
        self.replace.replace(SWITCH, &switch)
    }
}

/// All of them, in the order of the files.
pub(super) fn read(root: &Path) -> anyhow::Result<Vec<Mutant>> {
    let folder = root.join(FOLDER);
    let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut paths: Vec<_> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    let mut mutants = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path)?;
        let list: List = toml::from_str(&text).with_context(|| path.display().to_string())?;
        mutants.extend(list.mutant);
    }
    Ok(mutants)
}

/// Those of these names; all when none is named.
pub(super) fn chosen(all: Vec<Mutant>, only: &[String]) -> anyhow::Result<Vec<Mutant>> {
    for name in only {
        if all.iter().all(|mutant| mutant.name != *name) {
            bail!("there is no mutant `{name}`; `cargo xtask mutants --list` shows all");
        }
    }
    let is_chosen = |mutant: &Mutant| only.is_empty() || only.contains(&mutant.name);
    Ok(all.into_iter().filter(is_chosen).collect())
}
