//! `cargo xtask faults`: the fault table. What can go wrong stands in `catalogue.toml`; what shows
//! that it is dealt with are the tests whose names begin with a row of it.

mod catalogue;
mod page;
mod shown;

use std::process::ExitCode;

use anyhow::Context;

use crate::cargo;
use crate::tidy::{Finding, Tree};
use catalogue::Catalogue;
use shown::Shown;

/// Written by this command and checked by tidy.
const PAGE: &str = "docs/FAULTS.md";
const CATALOGUE: &str = "xtask/src/faults/catalogue.toml";

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let root = cargo::root();
    let tree = Tree::of_checkout(&root)?;
    let catalogue = Catalogue::read()?;
    let shown = shown::of(&tree);
    let text = page::page(&catalogue, &shown);
    std::fs::write(root.join(PAGE), text).with_context(|| format!("cannot write {PAGE}"))?;
    let empty = empty_rows(&catalogue, &shown);
    println!(
        "{PAGE}: {} rows, {} tests, {} rows without a test{}",
        catalogue.rows().count(),
        shown.len(),
        empty.len(),
        if empty.is_empty() { "" } else { ":" }
    );
    for row in &empty {
        println!("  {row}");
    }
    Ok(if empty.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// For tidy: every row has a test, every such test names a row and says what it shows, and the page
/// is the one that would be written. While rows are awaited, the page need not follow each test.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let catalogue = match Catalogue::read() {
        Ok(catalogue) => catalogue,
        Err(error) => return vec![Finding::new(CATALOGUE, 1, format!("{error:#}"))],
    };
    let shown = shown::of(tree);
    let empty = empty_rows(&catalogue, &shown);
    let awaited: Vec<_> = catalogue.rows().filter(|row| row.awaited).collect();
    let mut findings = Vec::new();
    for row in &empty {
        if awaited.iter().all(|awaited| awaited.name() != *row) {
            let what = format!("no test begins with `{}_`; write one", row.to_lowercase());
            findings.push(Finding::new(CATALOGUE, 1, what));
        }
    }
    if empty.is_empty() && !awaited.is_empty() {
        let what = "every row has a test: none is `awaited` any more";
        findings.push(Finding::new(CATALOGUE, 1, what));
    }
    for test in &shown {
        let known = catalogue.rows().any(|row| row.name() == test.row);
        if !known {
            let what = format!("`{}` names a row that the catalogue lacks", test.name);
            findings.push(Finding::new(&test.path, test.line, what));
        } else if test.says.is_empty() {
            let what = format!("`{}`: say in one sentence what is shown", test.name);
            findings.push(Finding::new(&test.path, test.line, what));
        }
    }
    let there = tree.get(PAGE).map(|file| file.text.as_str());
    if awaited.is_empty() && there != Some(page::page(&catalogue, &shown).as_str()) {
        findings.push(Finding::new(
            PAGE,
            1,
            "not up to date: run `cargo xtask faults`",
        ));
    }
    findings
}

fn empty_rows(catalogue: &Catalogue, shown: &[Shown]) -> Vec<String> {
    let names = catalogue.rows().map(catalogue::Row::name);
    names
        .filter(|row| shown.iter().all(|test| test.row != *row))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_a_test_and_a_test_without_a_row_are_found() {
        let tree = Tree::of(&[(
            "crates/server/tests/it/a.rs",
            "/// Shown.\n#[test]\nfn n01_a() {}\n#[test]\nfn n02_b() {}\n#[test]\nfn n99_c() {}\n",
        )]);
        let findings: Vec<_> = check(&tree).iter().map(ToString::to_string).collect();
        let has = |text: &str| findings.iter().any(|finding| finding.contains(text));
        assert!(!has("`n01_`") && !has("`n01_a`"), "{findings:?}");
        assert!(has("no test begins with `n03_`"));
        assert!(has("`n02_b`: say in one sentence"));
        assert!(has("`n99_c` names a row"));
    }
}
