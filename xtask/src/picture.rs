//! `cargo xtask picture`: the READMEs' pictures, taken by the project's own programs.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::ensure;

use crate::node::Node;
use crate::run;

const LIMIT: Duration = Duration::from_secs(5 * 60);
const SCRIPT: &str = "tests/browser/picture.mjs";
const FOLDER: &str = "docs/images";
/// One for each language of the README.
const PICTURES: [&str; 2] = ["phone.jpg", "phone.zh-CN.jpg"];
/// A README should not be heavy, and every new picture stays in the history for ever.
const MAX_BYTES: u64 = 200 * 1024;

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let node = Node::with_packages()?.with_browser()?.with_programs()?;
    let folder = node.root.join(FOLDER);
    let status = run::to_terminal(node.command().arg(SCRIPT).arg(&folder), LIMIT)?;
    ensure!(status.success(), "{SCRIPT} failed ({status})");
    for name in PICTURES {
        let bytes = folder.join(name).metadata()?.len();
        println!("{FOLDER}/{name}: {} KB", bytes.div_ceil(1024));
        ensure!(bytes <= MAX_BYTES, "{} KB is the limit", MAX_BYTES / 1024);
    }
    Ok(ExitCode::SUCCESS)
}
