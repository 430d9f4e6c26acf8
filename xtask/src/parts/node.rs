//! A Node.js that is new enough for the tests.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::debian::{apt, apt_is_ours};
use super::npm::{Omit, packages};
use super::on_path::{is_program, program};
use crate::cargo;

/// Playwright asks for 20, and so do the tests themselves (`import.meta.dirname`).
const OLDEST: u32 = 20;
/// npm packages with nothing but the program in them. Debian 12 has Node 18.
const OWN: &str = "tests/node";

/// Finds Node.js, or installs it. The error says what is missing and what to do.
pub(crate) fn node() -> anyhow::Result<PathBuf> {
    if let Some(new_enough) = on_path() {
        return Ok(new_enough);
    }
    if !apt_is_ours() {
        bail!(
            "Node.js {OLDEST} or newer is not installed{}. Install it (https://nodejs.org, macOS: \
             brew install node)",
            what_is_there()
        );
    }
    if program(&["node"]).is_none() {
        apt(&["nodejs", "npm"])?;
    }
    match on_path() {
        Some(new_enough) => Ok(new_enough),
        None => from_npm(&cargo::root()),
    }
}

fn on_path() -> Option<PathBuf> {
    let found = program(&["node"])?;
    (major(&found)? >= OLDEST).then_some(found)
}

fn what_is_there() -> String {
    match program(&["node"]).and_then(|found| major(&found)) {
        Some(major) => format!(" (there is a {major})"),
        None => String::new(),
    }
}

fn from_npm(root: &Path) -> anyhow::Result<PathBuf> {
    let folder = packages(root, OWN, Omit::Nothing)?;
    let programs = ["x64", "arm64"].map(|cpu| folder.join(format!("node-linux-{cpu}/bin/node")));
    let found = programs.into_iter().find(|file| is_program(file));
    found.with_context(|| format!("npm installed no Node.js in {OWN} for this kind of machine"))
}

fn major(node: &Path) -> Option<u32> {
    let answer = Command::new(node)
        .arg("--version")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    major_of(&String::from_utf8(answer.stdout).ok()?)
}

/// `v20.20.2` is 20.
fn major_of(version: &str) -> Option<u32> {
    let numbers = version.trim().strip_prefix('v')?;
    numbers.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_that_node_prints() {
        assert_eq!(major_of("v20.20.2\n"), Some(20));
        assert_eq!(major_of("v9.0.0"), Some(9));
        assert_eq!(major_of("sh: not found"), None);
    }
}
