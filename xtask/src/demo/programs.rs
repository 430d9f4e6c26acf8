//! The two programs of the demo, running.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;

use super::http::Host;
use super::phone::Phone;
use super::ports::Ports;
use crate::cargo;
use crate::clock::{Stopwatch, pause};
use crate::guarded::{Guarded, Start};
use crate::interrupt;
use crate::run;

/// From start to the first answer: the sandbox makes three RSA keys, which on a slow core takes
/// seconds; the server migrates a database.
const START_LIMIT: Duration = Duration::from_secs(60);
/// For one-shot commands such as the import of goods.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);

/// Built, but not yet running.
pub(crate) struct Programs {
    pub(crate) server: PathBuf,
    pub(crate) sandbox: PathBuf,
}

impl Programs {
    pub(crate) fn build() -> anyhow::Result<Self> {
        let arguments = ["build", "-p", "shouyin", "-p", "shouyin-sandbox", "--bins"];
        let mut binaries = cargo::binaries(cargo::build(&arguments)?);
        let mut take = |name: &str| {
            binaries
                .remove(name)
                .with_context(|| format!("cargo built no program `{name}`"))
        };
        Ok(Self {
            server: take("shouyin")?,
            sandbox: take("shouyin-sandbox")?,
        })
    }

    /// Starts the sandbox and asks it who the merchant is.
    pub(crate) fn start_sandbox(
        &self,
        folder: &Path,
        ports: Ports,
        phone: Option<&Phone>,
    ) -> anyhow::Result<(Guarded, Value)> {
        let mut command = Command::new(&self.sandbox);
        command
            .args(["--listen", &format!("127.0.0.1:{}", ports.api.0)])
            .args(["--control", &format!("127.0.0.1:{}", ports.control.0)])
            .arg("--keys")
            .arg(folder.join("wechat"))
            .env("NO_COLOR", "1")
            .current_dir(folder);
        if let Some(phone) = phone {
            phone.tell(&mut command, ports);
        }
        let log = folder.join("sandbox.log");
        let mut sandbox = start("shouyin-sandbox", &log, &command)?;
        wait_for(&mut sandbox, ports.control, "/control/merchant")?;
        let merchant = ports.control.get("/control/merchant", &[])?.ok()?;
        Ok((sandbox, merchant))
    }

    /// Starts the server on the configuration in the folder, and waits until it is ready.
    pub(crate) fn start_server(&self, folder: &Path, ports: Ports) -> anyhow::Result<Guarded> {
        let mut command = self.server_command(folder);
        command.arg("serve");
        let mut server = start("shouyin", &folder.join("shouyin.log"), &command)?;
        wait_for(&mut server, ports.server, "/readyz")?;
        Ok(server)
    }

    /// Runs one of the server's own commands to its end.
    pub(crate) fn run_server_command(&self, folder: &Path, words: &[&str]) -> anyhow::Result<()> {
        let mut output = String::new();
        let mut command = self.server_command(folder);
        command.args(words);
        let status = run::by_line(&mut command, COMMAND_LIMIT, |line| {
            output.push_str(line);
            output.push('\n');
        })?;
        if !status.success() {
            bail!("shouyin {} failed:\n{output}", words.join(" "));
        }
        Ok(())
    }

    fn server_command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.server);
        command
            .arg("--config")
            .arg(folder.join("shouyin.toml"))
            .current_dir(folder);
        // The demo's shop must not become half of somebody's real one.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let a_setting = ["SHOUYIN_", "WECHATPAY_"]
                .iter()
                .any(|start| text.starts_with(start));
            if a_setting || text.starts_with("DATABASE_URL") {
                command.env_remove(&name);
            }
        }
        command
    }
}

fn start(name: &'static str, log: &Path, command: &Command) -> anyhow::Result<Guarded> {
    Guarded::start(
        &Start {
            name,
            stop_signal: "TERM",
            log,
            user: None,
        },
        command,
    )
}

fn wait_for(program: &mut Guarded, host: Host, path: &str) -> anyhow::Result<()> {
    let watch = Stopwatch::start();
    loop {
        if host.get(path, &[]).is_ok_and(|answer| answer.status == 200) {
            return Ok(());
        }
        let ended = program.ended()?.is_some();
        if ended || watch.exceeds(START_LIMIT) {
            let how = if ended {
                "ended at once"
            } else {
                "did not become ready"
            };
            bail!(
                "{} {how}; it wrote:\n{}",
                program.name(),
                program.log_text()
            );
        }
        if interrupt::requested() {
            bail!("interrupted");
        }
        pause(Duration::from_millis(50));
    }
}
