//! WXSS to one style sheet.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use glass_easel_stylesheet_compiler::output::StyleSheetOutput;
use glass_easel_stylesheet_compiler::{StyleSheetOptions, StyleSheetTransformer};

use crate::issue::{Issue, IssueCode, Issues};
use crate::math;
use crate::project::Project;
use crate::units::Unit;
use crate::wxss::{Owner, Reader};

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
    let mut reader = Reader::new(project, issues);
    let app = convert(&mut reader, "app.wxss", Owner::App, None).normal;
    for unit in units {
        let file = format!("{}.wxss", unit.path);
        if unit.is_component {
            let prefix = format!("c{}", prefixes.len() + 1);
            let sheet = convert(&mut reader, &file, Owner::Component, Some(&prefix));
            low.push_str(&sheet.low);
            components.push_str(&sheet.normal);
            prefixes.insert(unit.path.clone(), prefix);
        }
        if unit.is_page {
            let sheet = convert(&mut reader, &file, Owner::Page, None);
            let path = &unit.path;
            // On a phone each page is a document of its own; here its rules stay inside it.
            let rules = sheet.normal;
            pages.push_str(&format!(
                "@scope (page[data-route=\"{path}\"]){{{rules}}}\n"
            ));
        }
    }
    Styles {
        css: [low, app, components, pages].join("\n"),
        prefixes,
    }
}

fn convert(reader: &mut Reader<'_>, file: &str, owner: Owner, prefix: Option<&str>) -> Converted {
    let sheet = math::explicit(&reader.read(file, owner));
    let options = StyleSheetOptions {
        class_prefix: prefix.map(str::to_owned),
        convert_host: owner == Owner::Component,
        ..StyleSheetOptions::default()
    };
    // What it warns about (`:host` beside others), our own rules say with its place.
    let done = catch_unwind(AssertUnwindSafe(|| {
        StyleSheetTransformer::from_css(file, &sheet, options).output_and_low_priority_output()
    }));
    let Ok((normal, low)) = done else {
        reader
            .issues
            .push(Issue::error(IssueCode::CompilerFailed, file).says(
                format!("样式编译器无法处理 {file}；请先改正其它问题，或简化这个文件。"),
                format!("The style compiler cannot handle {file}; solve other issues or simplify."),
            ));
        return Converted::default();
    };
    Converted {
        normal: text_of(&normal),
        low: text_of(&low),
    }
}

fn text_of(output: &StyleSheetOutput) -> String {
    let mut text = String::new();
    let written = output.write_str(&mut text);
    written.expect("writing to a string does not fail");
    text
}
