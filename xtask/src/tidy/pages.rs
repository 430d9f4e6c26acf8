//! Pages that belong together: an error code and its page, a crate and its README, a README and
//! its translation, a migration for one engine and for the other.

use std::collections::BTreeSet;

use super::Finding;
use super::tree::{File, Tree};

const ERROR_CODES: &str = "crates/server/src/api/error.rs";
const ERROR_PAGES: &str = "docs/errors/";
/// Where readers of the interface look for a code first.
const API_PAGE: &str = "docs/API.md";
const MIGRATIONS: [&str; 2] = [
    "crates/store/migrations/sqlite/",
    "crates/store/migrations/postgres/",
];
const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];
/// Three screens: beyond that nobody reads it in one go.
const ARCHITECTURE_LINES: usize = 150;

/// Every public error code has a page, and every page has a code.
pub(super) fn check_error_codes(tree: &Tree) -> Vec<Finding> {
    let Some(source) = tree.get(ERROR_CODES) else {
        return Vec::new();
    };
    let codes = codes_in(source);
    let mut findings = Vec::new();
    for (code, line) in &codes {
        let page = format!("{ERROR_PAGES}{code}.md");
        if tree.get(&page).is_none() {
            let what = format!("{code} has no page; write {page}: what happened, what to do");
            findings.push(Finding::new(ERROR_CODES, *line, what));
        }
        if tree
            .get(API_PAGE)
            .is_some_and(|api| !api.text.contains(&format!("[`{code}`]")))
        {
            let what = format!("{code} is not in the table of {API_PAGE}; add a row");
            findings.push(Finding::new(ERROR_CODES, *line, what));
        }
    }
    for file in tree.under(ERROR_PAGES).filter(|file| file.is("md")) {
        let name = file
            .path
            .trim_start_matches(ERROR_PAGES)
            .trim_end_matches(".md");
        if name != "README" && !codes.iter().any(|(code, _)| code == name) {
            let what = "no such error code; delete the page or correct its name";
            findings.push(Finding::new(&file.path, 1, what));
        }
    }
    findings
}

/// String literals in capitals are the codes, since nothing else in that file is spelt so.
fn codes_in(source: &File) -> Vec<(String, usize)> {
    let mut codes = Vec::new();
    for (number, line) in source.lines() {
        for literal in line.split('"').skip(1).step_by(2) {
            let lawful = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            let long_enough =
                literal.len() > 2 && literal.starts_with(|c: char| c.is_ascii_uppercase());
            if long_enough && literal.chars().all(lawful) {
                codes.push((literal.to_owned(), number));
            }
        }
    }
    codes
}

/// Every package of ours has a README.
pub(super) fn check_readmes(tree: &Tree) -> Vec<Finding> {
    let manifests = tree
        .files
        .iter()
        .filter_map(|file| file.path.strip_suffix("/Cargo.toml"));
    let without = manifests.filter(|folder| tree.get(&format!("{folder}/README.md")).is_none());
    without
        .map(|folder| {
            let what = "no README.md beside it; write what the crate is for and how to begin";
            Finding::new(&format!("{folder}/Cargo.toml"), 1, what)
        })
        .collect()
}

/// The same migrations for both engines.
pub(super) fn check_migrations(tree: &Tree) -> Vec<Finding> {
    let names = |folder: &str| -> BTreeSet<String> {
        let paths = tree.under(folder).filter(|file| file.is("sql"));
        paths
            .map(|file| file.path[folder.len()..].to_owned())
            .collect()
    };
    let mut findings = Vec::new();
    for (here, there) in [
        (MIGRATIONS[0], MIGRATIONS[1]),
        (MIGRATIONS[1], MIGRATIONS[0]),
    ] {
        for name in names(here).difference(&names(there)) {
            let what = format!("has no counterpart {there}{name}; write it, empty if need be");
            findings.push(Finding::new(&format!("{here}{name}"), 1, what));
        }
    }
    findings
}

/// Both READMEs link each other on line 1 and have the same headings.
pub(super) fn check_translations(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut outlines = Vec::new();
    for (name, other) in [(READMES[0], READMES[1]), (READMES[1], READMES[0])] {
        let Some(file) = tree.get(name) else {
            findings.push(Finding::new(name, 1, "is missing; write it"));
            continue;
        };
        if !file.text.lines().next().unwrap_or_default().contains(other) {
            findings.push(Finding::new(
                name,
                1,
                format!("line 1 does not link {other}; add it"),
            ));
        }
        outlines.push(outline(file));
    }
    if let [english, chinese] = outlines.as_slice() {
        let same = english
            .iter()
            .zip(chinese)
            .take_while(|(one, two)| one.0 == two.0)
            .count();
        if same < english.len().max(chinese.len()) {
            let line = chinese
                .get(same)
                .or(chinese.last())
                .map_or(1, |heading| heading.1);
            let what = format!(
                "the headings differ from {} from here on; align them",
                READMES[0]
            );
            findings.push(Finding::new(READMES[1], line, what));
        }
    }
    findings
}

/// The level and line of every heading outside code blocks.
fn outline(file: &File) -> Vec<(usize, usize)> {
    let mut in_code = false;
    let mut headings = Vec::new();
    for (number, line) in file.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
        }
        let level = line.chars().take_while(|c| *c == '#').count();
        if !in_code && level > 0 && line.chars().nth(level) == Some(' ') {
            headings.push((level, number));
        }
    }
    headings
}

pub(super) fn check_architecture(tree: &Tree) -> Vec<Finding> {
    let name = "ARCHITECTURE.md";
    let Some(file) = tree.get(name) else {
        return vec![Finding::new(
            name,
            1,
            "is missing; write the map of the project",
        )];
    };
    let lines = file.text.lines().count();
    if lines <= ARCHITECTURE_LINES {
        return Vec::new();
    }
    let what = format!("{lines} lines; {ARCHITECTURE_LINES} is the limit, move details to docs/");
    vec![Finding::new(name, 1, what)]
}

/// Programs are built from the versions that were tested.
pub(super) fn check_lock_file(tree: &Tree) -> Vec<Finding> {
    match tree.get("Cargo.lock") {
        Some(_) => Vec::new(),
        None => vec![Finding::new("Cargo.lock", 1, "is not committed; commit it")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rule: fn(&Tree) -> Vec<Finding>, files: &[(&str, &str)]) -> Vec<String> {
        rule(&Tree::of(files))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_code_without_a_page_and_a_page_without_a_code_are_found() {
        let source = "match self {\n    Self::A => \"ORDER_NOT_FOUND\",\n    _ => \"Text\",\n}";
        let files = [(ERROR_CODES, source), ("docs/errors/GONE.md", "")];
        let found = found(check_error_codes, &files);
        assert_eq!(found.len(), 2);
        assert!(
            found[0].starts_with("crates/server/src/api/error.rs:2: ORDER_NOT_FOUND has no page")
        );
        assert!(found[1].starts_with("docs/errors/GONE.md:1: no such error code"));
    }

    #[test]
    fn a_code_that_the_table_of_the_interface_lacks_is_found() {
        let page = ("docs/errors/ORDER_BUSY.md", "");
        let listed = ("docs/API.md", "| [`ORDER_BUSY`](errors/ORDER_BUSY.md) |");
        let code = (ERROR_CODES, "\"ORDER_BUSY\"");
        assert_eq!(found(check_error_codes, &[page, code, listed]).len(), 0);
        assert_eq!(
            found(check_error_codes, &[page, code, ("docs/API.md", "")]).len(),
            1
        );
    }

    #[test]
    fn a_crate_without_a_readme_is_found() {
        let files = [
            ("crates/a/Cargo.toml", ""),
            ("crates/a/README.md", ""),
            ("xtask/Cargo.toml", ""),
        ];
        assert!(found(check_readmes, &files)[0].starts_with("xtask/Cargo.toml:1: no README.md"));
    }

    #[test]
    fn a_migration_for_one_engine_only_is_found() {
        let files = [
            ("crates/store/migrations/sqlite/0001_first.sql", ""),
            ("crates/store/migrations/postgres/0001_first.sql", ""),
            ("crates/store/migrations/postgres/0002_more.sql", ""),
        ];
        let found = found(check_migrations, &files);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("migrations/sqlite/0002_more.sql"));
    }

    #[test]
    fn readmes_that_do_not_link_or_do_not_match_are_found() {
        let english = "[zh](README.zh-CN.md)\n# A\n```\n# no heading\n```\n## B\n";
        let good = [
            (READMES[0], english),
            (READMES[1], "[en](README.md)\n# 甲\n## 乙\n"),
        ];
        assert!(found(check_translations, &good).is_empty());
        let bad = [(READMES[0], english), (READMES[1], "# 甲\n### 乙\n")];
        let found = found(check_translations, &bad);
        assert_eq!(found.len(), 2);
        assert!(found[1].starts_with("README.zh-CN.md:2: the headings differ"));
    }

    #[test]
    fn an_architecture_page_that_is_too_long_is_found() {
        let long = "x\n".repeat(151);
        assert_eq!(
            found(check_architecture, &[("ARCHITECTURE.md", &long)]).len(),
            1
        );
        assert_eq!(
            found(check_architecture, &[("ARCHITECTURE.md", "short")]).len(),
            0
        );
    }

    #[test]
    fn a_lock_file_that_is_not_committed_is_found() {
        assert_eq!(found(check_lock_file, &[("Cargo.toml", "")]).len(), 1);
    }
}
