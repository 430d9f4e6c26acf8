//! On Debian as root, missing programs are installed; elsewhere the error says what to install.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::bail;

use super::find::is_root;
use crate::run;

/// Fetching some 60 MB over a slow line; a mirror that hangs must not hang the run.
const APT_LIMIT: Duration = Duration::from_secs(10 * 60);

/// Debian's package starts a cluster of its own after installation unless this file says no.
const CLUSTER_SETTINGS: &str = "/etc/postgresql-common/createcluster.conf";

pub(super) fn postgres() -> anyhow::Result<()> {
    if !apt_is_ours() {
        bail!(
            "PostgreSQL is not installed. Install it (Debian: apt-get install postgresql, macOS: \
             brew install postgresql), or set SHOUYIN_TEST_POSTGRES_URL to a superuser's URL"
        );
    }
    let settings = Path::new(CLUSTER_SETTINGS);
    if !settings.exists() {
        std::fs::create_dir_all(settings.parent().unwrap_or(Path::new("/")))?;
        std::fs::write(settings, "create_main_cluster = false\n")?;
    }
    apt("postgresql")
}

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
    apt(tool)
}

fn apt_is_ours() -> bool {
    is_root() && Path::new("/etc/debian_version").exists()
}

fn apt(package: &str) -> anyhow::Result<()> {
    println!("installing {package} with apt-get");
    let keep_our_settings = "Dpkg::Options::=--force-confold";
    let install = [
        "install",
        "--yes",
        "--no-install-recommends",
        "-o",
        keep_our_settings,
        package,
    ];
    for arguments in [&["update"][..], &install] {
        let mut command = Command::new("apt-get");
        command
            .arg("--quiet")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        let mut log = String::new();
        let status = run::by_line(&mut command, APT_LIMIT, |line| {
            log.push_str(line);
            log.push('\n');
        })?;
        if !status.success() {
            bail!("apt-get {} failed:\n{log}", arguments.join(" "));
        }
    }
    Ok(())
}
