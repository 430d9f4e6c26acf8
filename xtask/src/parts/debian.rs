//! Installing on Debian as root; elsewhere nobody's machine is changed.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::bail;

use crate::run;

/// Fetching some hundred MB over a slow line; a mirror that hangs must not hang the run.
const APT_LIMIT: Duration = Duration::from_secs(15 * 60);

/// What tests call beside our own programs: `openssl` checks signatures, so that our own code is
/// not its own judge, and the contract script is written with `curl` and `jq`.
pub(crate) const TOOLS: [&str; 3] = ["openssl", "curl", "jq"];

pub(crate) fn ensure_tool(tool: &str) -> anyhow::Result<()> {
    let found = Command::new(tool)
        .arg("--help")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if found.is_ok() {
        return Ok(());
    }
    if !apt_is_ours() {
        bail!("the program `{tool}` is not installed (Debian: apt-get install {tool})");
    }
    apt(&[tool])
}

pub(crate) fn apt_is_ours() -> bool {
    is_root() && Path::new("/etc/debian_version").exists()
}

pub(crate) fn is_root() -> bool {
    let answer = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    answer.is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}

pub(crate) fn apt(packages: &[&str]) -> anyhow::Result<()> {
    println!("installing {} with apt-get", packages.join(" and "));
    let keep_our_settings = "Dpkg::Options::=--force-confold";
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(["-o", keep_our_settings]);
    install.extend(packages);
    for arguments in [&["update"][..], &install] {
        let mut command = Command::new("apt-get");
        command
            .arg("--quiet")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        let mut log = String::new();
        let status = run::by_line(&mut command, APT_LIMIT, |line| {
            if is_progress(line) {
                println!("   {line}");
            }
            log.push_str(line);
            log.push('\n');
        })?;
        if !status.success() {
            bail!("apt-get {} failed:\n{log}", arguments.join(" "));
        }
    }
    Ok(())
}

/// Few lines, but enough for somebody who waits to see that something happens.
fn is_progress(line: &str) -> bool {
    ["Need to get", "Fetched", "Setting up"]
        .iter()
        .any(|start| line.starts_with(start))
}
