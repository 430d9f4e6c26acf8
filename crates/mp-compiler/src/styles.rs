//! WXSS to one style sheet.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use glass_easel_stylesheet_compiler::{StyleSheetOptions, StyleSheetTransformer};

use crate::issue::{Issue, IssueCode, Issues};
use crate::project::Project;
use crate::units::Unit;
use crate::warnings;

/// What came out.
#[derive(Default)]
pub(crate) struct Styles {
    pub(crate) css: String,
    /// Component to the prefix of its classes.
    pub(crate) prefixes: BTreeMap<String, String>,
}

#[derive(Default)]
struct Converted {
    normal: String,
    /// Rules for `:host`, which give way to all others.
    low: String,
}

/// Rules for `:host`, then the app, the components, the pages.
pub(crate) fn compile(project: &Project, units: &[Unit], issues: &mut Issues) -> Styles {
    let mut prefixes = BTreeMap::new();
    let mut low = String::new();
    let mut components = String::new();
    let mut pages = String::new();
    let app = convert(project, "app.wxss", None, issues).normal;
    for unit in units {
        let file = format!("{}.wxss", unit.path);
        if unit.is_component {
            let prefix = format!("c{}", prefixes.len() + 1);
            let sheet = convert(project, &file, Some(&prefix), issues);
            low.push_str(&sheet.low);
            components.push_str(&sheet.normal);
            prefixes.insert(unit.path.clone(), prefix);
        }
        if unit.is_page {
            let sheet = convert(project, &file, None, issues);
            let path = &unit.path;
            // On a phone each page is a document of its own; here its rules stay inside it.
            let _ = writeln!(
                pages,
                "@scope (page[data-route=\"{path}\"]){{{}}}",
                sheet.normal
            );
        }
    }
    Styles {
        css: [low, app, components, pages].join("\n"),
        prefixes,
    }
}

fn convert(project: &Project, file: &str, prefix: Option<&str>, issues: &mut Issues) -> Converted {
    let Ok(text) = project.text(file) else {
        return Converted::default();
    };
    let options = StyleSheetOptions {
        class_prefix: prefix.map(str::to_owned),
        convert_host: prefix.is_some(),
        ..StyleSheetOptions::default()
    };
    let done = catch_unwind(AssertUnwindSafe(|| {
        StyleSheetTransformer::from_css(file, &text, options)
    }));
    let Ok(mut sheet) = done else {
        issues.push(Issue::error(IssueCode::CompilerFailed, file).says(
            format!("样式编译器无法处理 {file}。"),
            format!("The style sheet compiler cannot handle {file}."),
        ));
        return Converted::default();
    };
    warnings::of_sheet(file, &sheet.take_warnings(), issues);
    let (normal, low) = sheet.output_and_low_priority_output();
    let mut converted = Converted::default();
    // Writing to a string does not fail.
    let _ = normal.write_str(&mut converted.normal);
    let _ = low.write_str(&mut converted.low);
    converted
}
