//! The phone: the mini program of this repository, and the runtime that npm brings.

use std::path::PathBuf;
use std::process::Command;

use super::ports::Ports;
use crate::cargo;
use crate::parts::{self, Omit};

/// The host that the mini program calls. On this machine it leads to the demo's own server.
const SHOP: &str = "https://tea.example.com";
/// What the buyer reads in the cashier.
const NAME: &str = "山间茶铺 · Hill Tea House";

pub(crate) struct Phone {
    mini_program: PathBuf,
    runtime: PathBuf,
    /// Why the page cannot be shown yet, and what to do about it.
    pub(crate) missing: Option<String>,
}

impl Phone {
    /// Installs the runtime when that is possible. When it is not, the demo works without a phone.
    pub(crate) fn prepare() -> Self {
        let root = cargo::root();
        let installed = parts::packages(&root, parts::PHONE, Omit::Development);
        Self {
            mini_program: root.join("miniprogram"),
            runtime: root.join(parts::PHONE).join("node_modules"),
            missing: installed.err().map(|error| format!("{error:#}")),
        }
    }

    /// The sandbox looks for the runtime when it is asked for it, so it may also come later.
    pub(crate) fn tell(&self, sandbox: &mut Command, ports: Ports) {
        sandbox
            .arg("--mini-program")
            .arg(&self.mini_program)
            .args(["--domain", &format!("{SHOP}={}", ports.server.url())])
            .args(["--merchant-name", NAME])
            .arg("--phone-runtime")
            .arg(&self.runtime);
    }
}
