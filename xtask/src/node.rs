//! Running the JavaScript of this repository: the tests, and what makes the README's picture.

use std::path::PathBuf;
use std::process::Command;

use crate::cargo;
use crate::demo::Programs;
use crate::parts::{self, Omit};

pub(crate) struct Node {
    pub(crate) root: PathBuf,
    program: PathBuf,
    environment: Vec<(&'static str, PathBuf)>,
}

impl Node {
    /// With the packages of the phone and of the tests. The error says what is missing.
    pub(crate) fn with_packages() -> anyhow::Result<Self> {
        let root = cargo::root();
        let program = parts::node()?;
        parts::packages(&root, parts::PHONE, Omit::Development)?;
        parts::packages(&root, parts::TESTS, Omit::Nothing)?;
        Ok(Self {
            root,
            program,
            environment: Vec::new(),
        })
    }

    /// With a browser as well. The error says what is missing.
    pub(crate) fn with_browser(mut self) -> anyhow::Result<Self> {
        self.environment.push(("CHROMIUM", parts::chromium()?));
        Ok(self)
    }

    /// With the server and the sandbox, built now.
    pub(crate) fn with_programs(mut self) -> anyhow::Result<Self> {
        let programs = Programs::build()?;
        self.environment.push(("SHOUYIN_BIN", programs.server));
        self.environment
            .push(("SHOUYIN_SANDBOX_BIN", programs.sandbox));
        Ok(self)
    }

    /// `node`, in the workspace.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(&self.root)
            .env("NO_COLOR", "1")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}
