//! WXS files: what templates name, and what those `require`.

use std::collections::BTreeMap;

use glass_easel_template_compiler::parse::Position;
use glass_easel_template_compiler::parse::tag::{Script, Template};

use crate::issue::Issues;
use crate::project::Project;

/// `<wxs src>` of a template, with the place of the `src`.
pub(crate) fn references(tree: &Template) -> Vec<(String, Position)> {
    let mut found = Vec::new();
    for script in &tree.globals.scripts {
        if let Script::GlobalRef {
            src, src_location, ..
        } = script
        {
            found.push((src.name.to_string(), src_location.start));
        }
    }
    found
}

/// Takes a file, and what it requires, into `scripts`.
pub(crate) fn load(
    project: &Project,
    path: &str,
    scripts: &mut BTreeMap<String, String>,
    _issues: &mut Issues,
) {
    if let Ok(text) = project.text(path) {
        scripts.insert(path.to_owned(), text.to_string());
    }
}
