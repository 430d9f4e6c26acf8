//! `cargo xtask picture`: the README's picture, taken by the project's own programs.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::ensure;

use crate::node::Node;
use crate::run;

const LIMIT: Duration = Duration::from_secs(5 * 60);
const SCRIPT: &str = "tests/browser/picture.mjs";
const PICTURE: &str = "docs/images/phone.jpg";
/// A README should not be heavy, and every new picture stays in the history for ever.
const MAX_BYTES: u64 = 200 * 1024;

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let node = Node::with_packages()?.with_browser()?.with_programs()?;
    let file = node.root.join(PICTURE);
    let status = run::to_terminal(node.command().arg(SCRIPT).arg(&file), LIMIT)?;
    ensure!(status.success(), "{SCRIPT} failed ({status})");
    let bytes = file.metadata()?.len();
    println!("{PICTURE}: {} KB", bytes.div_ceil(1024));
    ensure!(bytes <= MAX_BYTES, "{} KB is the limit", MAX_BYTES / 1024);
    Ok(ExitCode::SUCCESS)
}
