//! The programs of an older commit, built beside the present ones.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use super::Programs;
use crate::cargo;
use crate::run;

/// Writing out a tree of a thousand files.
const CHECKOUT_LIMIT: Duration = Duration::from_secs(120);

/// Writes the tree of `commit` into `target/bench` and builds it there; a second time it is built
/// already.
pub(super) fn build(commit: &str) -> anyhow::Result<Programs> {
    let sha = sha_of(commit)?;
    let folder = cargo::root().join("target/bench").join(&sha);
    if !folder.join("Cargo.toml").exists() {
        write_out(&sha, &folder)?;
    }
    println!("building {commit} in {}", folder.display());
    let mut cargo = cargo::command();
    cargo.current_dir(&folder);
    cargo.env("CARGO_TARGET_DIR", folder.join("target"));
    super::programs(cargo)
}

fn sha_of(commit: &str) -> anyhow::Result<String> {
    let mut git = Command::new("git");
    let name = format!("{commit}^{{commit}}");
    git.current_dir(cargo::root());
    git.args([
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &name,
    ]);
    let mut sha = String::new();
    let status = run::output_by_line(&mut git, CHECKOUT_LIMIT, |line| sha.push_str(line))?;
    if !status.success() {
        bail!("there is no commit `{commit}` in this repository; a shallow clone has few");
    }
    Ok(sha)
}

/// The tree without the repository: nothing is registered that somebody would have to take away.
fn write_out(sha: &str, folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut git = Command::new("git");
    git.current_dir(cargo::root()).args(["archive", sha]);
    let mut archive = git
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start git")?;
    let tree = archive
        .stdout
        .take()
        .context("the archive was not captured")?;
    let unpacked = Command::new("tar")
        .arg("-x")
        .arg("-C")
        .arg(folder)
        .stdin(tree)
        .status()
        .context("cannot start tar")?;
    if !archive.wait()?.success() || !unpacked.success() {
        bail!("cannot write the tree of {sha} into {}", folder.display());
    }
    Ok(())
}
