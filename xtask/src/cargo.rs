//! Asking cargo: where things are, what depends on what, and to build.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::run;

/// A first build on two slow cores takes minutes (SQLite, TLS and cryptography are C code).
pub(crate) const BUILD_LIMIT: Duration = Duration::from_secs(40 * 60);
const METADATA_LIMIT: Duration = Duration::from_secs(120);

/// The folder that holds the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    // Cargo says at run time where this crate is; a binary started by hand remembers its build.
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map_or(here.clone(), Path::to_path_buf)
}

/// `cargo`, in the workspace, as if typed by hand.
pub(crate) fn command() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root());
    // `cargo xtask` itself runs under cargo, which describes *this* crate in the environment.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// `cargo metadata` of our own packages.
pub(crate) fn metadata() -> anyhow::Result<Value> {
    let mut text = String::new();
    let mut cargo = command();
    cargo.args(["metadata", "--format-version", "1", "--no-deps"]);
    let status = run::output_by_line(&mut cargo, METADATA_LIMIT, |line| text.push_str(line))?;
    if !status.success() {
        bail!("cargo metadata failed");
    }
    serde_json::from_str(&text).context("cargo metadata is not JSON")
}

/// An executable that cargo has built.
pub(crate) struct Built {
    /// The folder of its package, such as `crates/store`.
    pub(crate) package: String,
    /// The kind of target: `lib`, `bin`, `test`, …
    pub(crate) kind: String,
    /// Whether it is its tests, and not the target itself.
    pub(crate) is_test: bool,
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// Builds with progress on our terminal, and says which executables came out.
pub(crate) fn build(arguments: &[&str]) -> anyhow::Result<Vec<Built>> {
    let mut cargo = command();
    cargo.args(arguments);
    build_by(cargo)
}

/// The same, by a command of the caller's.
pub(crate) fn build_by(mut cargo: Command) -> anyhow::Result<Vec<Built>> {
    let mut built = Vec::new();
    let arguments: Vec<_> = cargo
        .get_args()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    cargo.arg("--message-format=json-render-diagnostics");
    let status = run::output_by_line(&mut cargo, BUILD_LIMIT, |line| {
        built.extend(executable_of(line));
    })?;
    if !status.success() {
        bail!("cargo {} failed", arguments.join(" "));
    }
    Ok(built)
}

/// The binaries of a build by name, for those who want to run them.
pub(crate) fn binaries(built: Vec<Built>) -> BTreeMap<String, PathBuf> {
    built
        .into_iter()
        .filter(|one| one.kind == "bin" && !one.is_test)
        .map(|one| (one.name, one.path))
        .collect()
}

fn executable_of(line: &str) -> Option<Built> {
    let message: Value = serde_json::from_str(line).ok()?;
    let path = PathBuf::from(message.get("executable")?.as_str()?);
    let manifest = PathBuf::from(message.get("manifest_path")?.as_str()?);
    let folder = manifest.parent()?;
    let package = folder
        .strip_prefix(root())
        .unwrap_or(folder)
        .display()
        .to_string();
    let target = message.get("target")?;
    let kind = target.get("kind")?.get(0)?.as_str()?.to_owned();
    let name = target.get("name")?.as_str()?.to_owned();
    let is_test = message.get("profile")?.get("test")?.as_bool()?;
    Some(Built {
        package,
        kind,
        is_test,
        name,
        path,
    })
}
