#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod app;
mod attributes;
mod blanks;
mod bundle;
mod esm;
mod expression;
mod issue;
mod json;
mod lexer;
mod limits;
mod math;
mod modules;
mod packages;
mod paths;
mod project;
mod scan;
mod selectors;
mod sheet;
mod styles;
mod tab_bar;
mod tags;
mod templates;
mod units;
mod warnings;
mod words;
mod wxml;
mod wxs;
mod wxss;

use std::path::{Path, PathBuf};

use issue::Issues;
pub use issue::{Issue, IssueCode, Severity};
use project::Project;

/// What a mini program became.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// A classic script that calls `miniProgram.module`, `.templates` and `.describe`.
    pub bundle: String,
    /// The style sheet, all imports inlined.
    pub css: String,
    /// What is wrong, errors first.
    pub issues: Vec<Issue>,
    /// Every file that was read, or looked for and not found: what a watcher looks at.
    pub files: Vec<PathBuf>,
}

/// Compiles the mini program in a folder: one with `app.json`, or with a `project.config.json`
/// whose `miniprogramRoot` names that folder.
///
/// It never fails. What is wrong is an issue, and what is right is compiled all the same, so that
/// one can see the rest of the app.
pub fn compile(root: &Path) -> Compiled {
    // A thread of its own, because the compilers behind us call themselves for each level of
    // nesting, and the caller's stack may be small.
    let compiled = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(limits::STACK_BYTES);
        let thread = builder.spawn_scoped(scope, || compile_here(root)).ok()?;
        thread.join().ok()
    });
    compiled.unwrap_or_else(|| Compiled {
        issues: vec![Issue::error(IssueCode::CompilerFailed, "").says(
            "编译器自身出错；请报告这个小程序的哪个文件引起的。",
            "The compiler itself failed; please report which file makes it fail.",
        )],
        ..Compiled::default()
    })
}

fn compile_here(root: &Path) -> Compiled {
    let project = match Project::open(root) {
        Ok(project) => project,
        Err(issue) => {
            return Compiled {
                issues: vec![*issue],
                ..Compiled::default()
            };
        }
    };
    let mut issues = Issues::default();
    let app = app::read(&project, &mut issues);
    let units = units::collect(&project, &app, &mut issues);
    let modules = modules::collect(&project, &units, &mut issues);
    let templates = templates::compile(&project, &units, &mut issues);
    let styles = styles::compile(&project, &units, &mut issues);
    let issues = issues.finish();
    let bundle = bundle::write(&bundle::Parts {
        app: &app,
        units: &units,
        modules: &modules,
        templates: &templates,
        prefixes: &styles.prefixes,
        issues: &issues,
    });
    Compiled {
        bundle,
        css: styles.css,
        issues,
        files: project.looked_at(),
    }
}
