//! A copy of the sources with every patch in it, each behind a switch. The sources themselves stay
//! free of hooks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use super::list::Mutant;
use crate::cargo::{self, Built};

/// Writes the copy, and only what differs from the last one: cargo builds by dates.
pub(super) fn write(root: &Path, to: &Path, mutants: &[Mutant]) -> anyhow::Result<()> {
    let files = ours(root)?;
    for path in &files {
        let bytes = std::fs::read(root.join(path)).with_context(|| path.display().to_string())?;
        let of_file = mutants
            .iter()
            .filter(|mutant| Path::new(&mutant.file) == path.as_path());
        let of_file: Vec<_> = of_file.collect();
        let bytes = if path == Path::new("Cargo.toml") {
            renamed(&String::from_utf8(bytes)?)?.into_bytes()
        } else if of_file.is_empty() {
            bytes
        } else {
            patched(&String::from_utf8(bytes)?, &of_file)?.into_bytes()
        };
        put(&to.join(path), &bytes)?;
    }
    remove_others(to, Path::new(""), &files)
}

/// The copy's packages are of another version, so that what is built of them has names of its own
/// in the shared folder. Otherwise cargo would take patched code for the product's.
fn renamed(manifest: &str) -> anyhow::Result<String> {
    let (before, after) = manifest
        .split_once("\nversion = \"")
        .context("the root's Cargo.toml names no version")?;
    let (version, after) = after
        .split_once('"')
        .context("a version that does not end")?;
    Ok(format!("{before}\nversion = \"{version}+mutants\"{after}"))
}

/// Builds something of the copy, with all patches in it.
pub(super) fn build(copy: &Path, arguments: &[&str]) -> anyhow::Result<Vec<Built>> {
    let mut command = cargo::command();
    // Dependencies are shared with the ordinary build; what is made of the copy is not.
    command
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", copy.with_file_name("programs"))
        .env("CARGO_BUILD_BUILD_DIR", cargo::root().join("target"))
        .args(arguments);
    cargo::build_by(command)
}

/// What git knows or would add.
fn ours(root: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
    let answer = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root)
        .output()
        .context("cannot start git")?;
    if !answer.status.success() {
        bail!("git does not know this checkout");
    }
    let text = String::from_utf8(answer.stdout)?;
    let paths = text.split('\0').filter(|path| !path.is_empty());
    let there = paths
        .map(PathBuf::from)
        .filter(|path| root.join(path).is_file());
    Ok(there.collect())
}

/// Each guard stands there exactly once, and none touches another: so their order does not matter.
fn patched(text: &str, mutants: &[&Mutant]) -> anyhow::Result<String> {
    let mut text = text.to_owned();
    for mutant in mutants {
        if text.matches(&mutant.find).count() != 1 {
            bail!(
                "`{}`: its guard does not stand in {} exactly once",
                mutant.name,
                mutant.file
            );
        }
        text = text.replacen(&mutant.find, &mutant.code(), 1);
    }
    Ok(text)
}

fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if std::fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, bytes).with_context(|| path.display().to_string())
}

/// A file that was deleted in the sources must not be built in the copy.
fn remove_others(top: &Path, under: &Path, files: &BTreeSet<PathBuf>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(top.join(under))? {
        let path = under.join(entry?.file_name());
        let full = top.join(&path);
        if full.is_dir() {
            remove_others(top, &path, files)?;
        } else if !files.contains(&path) {
            std::fs::remove_file(&full)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_are_replaced_by_switches() {
        let mutant = Mutant {
            name: "amount".to_owned(),
            breaks: String::new(),
            file: String::new(),
            find: "if a != b {".to_owned(),
            replace: "if !MUTATED && a != b {".to_owned(),
            caught_by: Vec::new(),
        };
        let text = patched("fn f() { if a != b { stop() } }", &[&mutant]).unwrap();
        assert!(text.contains("is_some_and(|name| name == \"amount\") && a != b {"));
        assert!(patched("fn f() {}", &[&mutant]).is_err());
    }

    #[test]
    fn the_copy_is_another_version() {
        let manifest = "[workspace.package]\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        let renamed = renamed(manifest).unwrap();
        assert!(renamed.contains("\nversion = \"0.1.0+mutants\"\nedition"));
    }
}
