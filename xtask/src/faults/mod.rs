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

/// For tidy: every test that is named like one of a row names a row, and says what it shows.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let catalogue = match Catalogue::read() {
        Ok(catalogue) => catalogue,
        Err(error) => return vec![Finding::new(CATALOGUE, 1, format!("{error:#}"))],
    };
    let mut findings = Vec::new();
    for test in shown::of(tree) {
        let known = catalogue.rows().any(|row| row.name() == test.row);
        if !known {
            let what = format!("`{}` names a row that the catalogue lacks", test.name);
            findings.push(Finding::new(&test.path, test.line, what));
        } else if test.says.is_empty() {
            let what = format!("`{}`: say in one sentence what is shown", test.name);
            findings.push(Finding::new(&test.path, test.line, what));
        }
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
    fn a_test_without_a_row_or_without_a_sentence_is_found() {
        let tree = Tree::of(&[(
            "crates/server/tests/it/a.rs",
            "/// Shown.\n#[test]\nfn n01_a() {}\n#[test]\nfn n02_b() {}\n#[test]\nfn n99_c() {}\n",
        )]);
        let findings: Vec<_> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(findings[0].contains("`n02_b`: say in one sentence"));
        assert!(findings[1].contains("`n99_c` names a row"));
    }
}
