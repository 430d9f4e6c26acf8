//! The mini program and the phone: Node's test runner, TypeScript's checker, and a real browser.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};

use super::summary::Summary;
use super::tap;
use crate::interrupt;
use crate::node::Node;
use crate::run;

/// Seconds on any machine; what hangs must not hold it.
const NODE_LIMIT: Duration = Duration::from_secs(5 * 60);
/// A minute or two on two cores.
const BROWSER_LIMIT: Duration = Duration::from_secs(15 * 60);
/// Each has a browser and two programs of ours, and the machines that we know have two cores.
const FILES_AT_ONCE: &str = "--test-concurrency=2";

/// Where the tests leave their screenshots (`tests/browser/harness/pictures.mjs`).
const PICTURES: &str = "target/pictures";

/// What somebody may name with `--only`, in the order in which they run.
pub(super) const NAMES: [&str; 5] = ["npm-parts", "logic", "types", "wechat-compilers", "browser"];

pub(super) fn run(wanted: impl Fn(&str) -> bool, summary: &mut Summary) {
    if !NAMES.into_iter().any(&wanted) || interrupt::requested() {
        return;
    }
    let Some(node) = summary.obtain("npm-parts", Node::with_packages) else {
        for name in NAMES.into_iter().skip(1).filter(|name| wanted(name)) {
            summary.skipped(name.to_owned(), "the npm parts are not there".to_owned());
        }
        return;
    };
    if wanted("logic") {
        summary.run("logic", || test_files(&node, "tests/logic", NODE_LIMIT));
    }
    if wanted("types") {
        summary.step("types", || check_types(&node));
    }
    if wanted("wechat-compilers") {
        let work = || test_files(&node, "tests/wechat-compilers", NODE_LIMIT);
        summary.run("wechat-compilers", work);
    }
    if wanted("browser") {
        browser(node, summary);
    }
}

fn browser(node: Node, summary: &mut Summary) {
    match node.with_browser() {
        Err(_) if interrupt::requested() => summary.failed("browser", "interrupted"),
        Err(missing) => summary.skipped("browser".to_owned(), format!("{missing:#}")),
        Ok(node) => summary.run("browser", || {
            let node = node.with_programs()?;
            clear_pictures(&node.root);
            test_files(&node, "tests/browser", BROWSER_LIMIT)
        }),
    }
}

/// What an earlier run saw would be taken for what this one sees. A folder that somebody named is
/// theirs.
fn clear_pictures(root: &Path) {
    if std::env::var_os("SHOUYIN_PICTURES").is_none() {
        // There is none before the first run.
        drop(std::fs::remove_dir_all(root.join(PICTURES)));
        println!("   screenshots go to {PICTURES}");
    }
}

/// Everything below a folder that is called `*.test.js` or `*.test.mjs`: lines for people as they
/// come, and the figures from a second report.
fn test_files(node: &Node, folder: &str, limit: Duration) -> anyhow::Result<tap::Counts> {
    let files = test_files_below(&node.root.join(folder))?;
    ensure!(!files.is_empty(), "no tests below {folder}");
    let report = tempfile::NamedTempFile::new()?;
    let mut command = node.command();
    command
        .args(["--test", FILES_AT_ONCE])
        .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
        .arg("--test-reporter=tap")
        .arg(destination(report.path()))
        .args(files);
    let status = run::by_line(&mut command, limit, |line| println!("   {line}"))?;
    let text = std::fs::read_to_string(report.path())?;
    let counts = tap::counts(&text)
        .with_context(|| format!("node --test broke off ({status}), see above"))?;
    ensure!(
        status.success() || counts.failed > 0,
        "node --test failed ({status}), see above"
    );
    Ok(counts)
}

fn check_types(node: &Node) -> anyhow::Result<()> {
    let mut command = node.command();
    command
        .arg("tests/node_modules/typescript/bin/tsc")
        .args(["-p", "tests/types"]);
    let status = run::to_terminal(&mut command, NODE_LIMIT)?;
    if !status.success() {
        bail!("tsc -p tests/types found something, see above");
    }
    Ok(())
}

fn destination(report: &Path) -> String {
    format!("--test-reporter-destination={}", report.display())
}

/// Node 20 knows no patterns, so the files are listed here, in a fixed order.
fn test_files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        let name = path.to_string_lossy();
        if path.is_dir() && !path.ends_with("node_modules") {
            found.extend(test_files_below(&path)?);
        } else if name.ends_with(".test.js") || name.ends_with(".test.mjs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_files_are_found_in_folders_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "b.test.mjs",
            "a/c.test.js",
            "help.mjs",
            "node_modules/x.test.mjs",
        ] {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
        }
        let found = test_files_below(folder.path()).unwrap();
        let expected = ["a/c.test.js", "b.test.mjs"].map(|name| folder.path().join(name));
        assert_eq!(found, expected);
    }
}
