//! `npm ci` in one of our folders: exactly what the lock names, no scripts of others, once.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};

use super::debian::{apt, apt_is_ours};
use super::on_path::program;
use crate::clock::{Stopwatch, readable};
use crate::run;

/// Some 50 MB over a slow line; a registry that hangs must not hang the run.
const NPM_LIMIT: Duration = Duration::from_secs(10 * 60);
/// Inside `node_modules`, so that removing that folder removes the mark as well.
const STAMP: &str = ".shouyin-stamp";

/// What of the manifest is left out.
#[derive(Clone, Copy)]
pub(crate) enum Omit {
    Nothing,
    Development,
}

impl Omit {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Nothing => &["ci", "--ignore-scripts"],
            Self::Development => &["ci", "--ignore-scripts", "--omit=dev"],
        }
    }
}

/// Installs what the folder's lock names, unless it is there, and answers with `node_modules`.
pub(crate) fn packages(root: &Path, folder: &str, omit: Omit) -> anyhow::Result<PathBuf> {
    let place = root.join(folder);
    let installed = place.join("node_modules");
    let stamp = stamp_of(&place, omit)?;
    if std::fs::read_to_string(installed.join(STAMP)).is_ok_and(|found| found == stamp) {
        return Ok(installed);
    }
    let npm = match program(&["npm"]) {
        Some(npm) => npm,
        None if apt_is_ours() => {
            apt(&["nodejs", "npm"])?;
            program(&["npm"]).context("apt-get installed npm, but it is not there")?
        }
        None => bail!(
            "npm is not installed. Install Node.js 20 or newer with npm (https://nodejs.org), \
             then: {}",
            by_hand(folder, omit)
        ),
    };
    install(&npm, &place, omit).with_context(|| format!("npm, in {folder}"))?;
    std::fs::write(installed.join(STAMP), stamp).with_context(|| format!("npm, in {folder}"))?;
    Ok(installed)
}

/// What somebody types to get the same.
fn by_hand(folder: &str, omit: Omit) -> String {
    format!("(cd {folder} && npm {})", omit.arguments().join(" "))
}

fn install(npm: &Path, place: &Path, omit: Omit) -> anyhow::Result<()> {
    println!("installing the npm packages of {}", place.display());
    let watch = Stopwatch::start();
    let mut command = Command::new(npm);
    command
        .args(omit.arguments())
        .args(["--no-audit", "--no-fund"])
        .current_dir(place);
    let mut log = String::new();
    let status = run::by_line(&mut command, NPM_LIMIT, |line| {
        log.push_str(line);
        log.push('\n');
    })?;
    if !status.success() {
        bail!("npm ci failed:\n{log}");
    }
    println!("   done after {}", readable(watch.elapsed()));
    Ok(())
}

/// Changes when the manifest, the lock, or what is left out changes.
fn stamp_of(place: &Path, omit: Omit) -> anyhow::Result<String> {
    let mut hasher = DefaultHasher::new();
    omit.arguments().hash(&mut hasher);
    for name in ["package.json", "package-lock.json"] {
        let file = place.join(name);
        let text = std::fs::read(&file).with_context(|| file.display().to_string())?;
        text.hash(&mut hasher);
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_changes_with_the_lock_and_with_what_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["package.json", "package-lock.json"] {
            std::fs::write(folder.path().join(name), "{}").unwrap();
        }
        let first = stamp_of(folder.path(), Omit::Nothing).unwrap();
        assert_eq!(first, stamp_of(folder.path(), Omit::Nothing).unwrap());
        assert_ne!(first, stamp_of(folder.path(), Omit::Development).unwrap());
        std::fs::write(folder.path().join("package-lock.json"), "{ }").unwrap();
        assert_ne!(first, stamp_of(folder.path(), Omit::Nothing).unwrap());
    }

    #[test]
    fn a_folder_that_is_up_to_date_needs_no_npm() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("phone");
        std::fs::create_dir_all(place.join("node_modules")).unwrap();
        for name in ["package.json", "package-lock.json"] {
            std::fs::write(place.join(name), "not even JSON").unwrap();
        }
        let stamp = stamp_of(&place, Omit::Development).unwrap();
        std::fs::write(place.join("node_modules").join(STAMP), stamp).unwrap();
        let found = packages(root.path(), "phone", Omit::Development).unwrap();
        assert_eq!(found, place.join("node_modules"));
    }

    #[test]
    fn the_command_for_people_is_the_one_that_we_run() {
        let command = by_hand("crates/sandbox/phone", Omit::Development);
        let expected = "(cd crates/sandbox/phone && npm ci --ignore-scripts --omit=dev)";
        assert_eq!(command, expected);
    }
}
