//! `cargo xtask tidy`: the house rules that compilers do not know. Each file holds one idea; each
//! rule is a function from the tree (or from cargo's metadata) to findings.

mod arrows;
mod config_keys;
mod functions;
mod marks;
mod pages;
mod places;
mod sizes;
mod source;
mod tree;

use std::fmt;
use std::process::ExitCode;

use crate::cargo;
use crate::faults;
use crate::mutants;
pub(crate) use source::views;
pub(crate) use tree::{File, Tree};

/// One thing to put right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    what: String,
}

impl Finding {
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let findings = findings()?;
    print(&findings);
    println!("{} findings", findings.len());
    Ok(if findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

pub(crate) fn print(findings: &[Finding]) {
    for finding in findings {
        println!("{finding}");
    }
}

/// Every rule over the whole checkout, sorted by place.
pub(crate) fn findings() -> anyhow::Result<Vec<Finding>> {
    let tree = Tree::of_checkout(&cargo::root())?;
    let mut findings = arrows::check(&arrows::packages(&cargo::metadata()?));
    let rules = [
        arrows::check_sources,
        config_keys::check,
        faults::check,
        mutants::check,
        marks::check,
        pages::check_error_codes,
        pages::check_lock_file,
        pages::check_migrations,
        pages::check_readmes,
        pages::check_translations,
        pages::check_architecture,
        places::check,
        sizes::check,
    ];
    for rule in rules {
        findings.extend(rule(&tree));
    }
    findings.sort();
    Ok(findings)
}
