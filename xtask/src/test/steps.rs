//! The steps that are not test binaries. Each counts as one passed or one failed.

use anyhow::bail;

use crate::cargo::{self, BUILD_LIMIT};
use crate::run;
use crate::sim;
use crate::tidy;

pub(super) struct Step {
    pub(super) name: &'static str,
    work: Work,
}

enum Work {
    Cargo {
        arguments: &'static [&'static str],
        rustdoc_flags: &'static str,
    },
    Tidy,
    Simulation,
}

const fn cargo(name: &'static str, arguments: &'static [&'static str]) -> Step {
    Step {
        name,
        work: Work::Cargo {
            arguments,
            rustdoc_flags: "",
        },
    }
}

/// Cheap ones first: a forgotten `cargo fmt` should not take minutes to be found.
pub(super) const ALL: &[Step] = &[
    cargo("fmt", &["fmt", "--all", "--check"]),
    Step {
        name: "tidy",
        work: Work::Tidy,
    },
    cargo(
        "clippy",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    ),
    // The client must stay usable by those who bring their own HTTP.
    cargo(
        "bare-client",
        &["check", "-p", "shouyin-wechatpay", "--no-default-features"],
    ),
    Step {
        name: "docs",
        work: Work::Cargo {
            arguments: &["doc", "--workspace", "--no-deps"],
            rustdoc_flags: "-D warnings",
        },
    },
];

/// After the tests, because it is the longest and builds once more, for speed.
pub(super) const LAST: &[Step] = &[Step {
    name: "sim",
    work: Work::Simulation,
}];

impl Step {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        match self.work {
            Work::Cargo {
                arguments,
                rustdoc_flags,
            } => {
                let mut command = cargo::command();
                command.args(arguments);
                if !rustdoc_flags.is_empty() {
                    command.env("RUSTDOCFLAGS", rustdoc_flags);
                }
                let status = run::to_terminal(&mut command, BUILD_LIMIT)?;
                if !status.success() {
                    bail!("cargo {} failed", arguments.join(" "));
                }
                Ok(())
            }
            Work::Simulation => sim::step(),
            Work::Tidy => match tidy::findings()?.as_slice() {
                [] => Ok(()),
                findings => {
                    tidy::print(findings);
                    bail!("{} findings", findings.len())
                }
            },
        }
    }
}
