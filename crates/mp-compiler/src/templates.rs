//! WXML and WXS to the script that makes elements, by WeChat's own compiler.
//!
//! The compiler can write a whole group, but does it in the order of a hash map. The group is put
//! together here from its parts instead, in order, so that the same folder gives the same bytes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};

use glass_easel_template_compiler::TmplGroup;
use glass_easel_template_compiler::parse::Position;

use crate::app::outside;
use crate::bundle::quoted;
use crate::issue::{Issue, IssueCode, Issues, Place};
use crate::paths;
use crate::project::{Project, unreadable};
use crate::tags::Tags;
use crate::units::Unit;
use crate::wxml::Checked;
use crate::{blanks, warnings, wxml, wxs};

/// What WXS may call besides the language, and what the compiler does not bring.
/// Source: developers.weixin.qq.com/miniprogram/dev/reference/wxs/06datatype.html
const WXS_EXTRAS: &str = "var getRegExp=(p,f)=>new RegExp(p,f);\
    var getDate=(...a)=>a.length?new Date(...a):new Date();";

/// An expression: path to generator.
pub(crate) fn compile(project: &Project, units: &[Unit], issues: &mut Issues) -> String {
    let mut group = TmplGroup::new();
    group.set_extra_runtime_script(WXS_EXTRAS);
    let mut builder = Builder {
        project,
        group,
        scripts: BTreeMap::new(),
        templates: BTreeSet::new(),
        uses: Vec::new(),
        wanted: units.iter().map(|unit| unit.path.clone()).collect(),
    };
    // Ends, since each path is taken once and paths are files that exist.
    while let Some(path) = builder.wanted.pop_front() {
        if !builder.templates.contains(&path) {
            builder.template(&path, units, issues);
        }
    }
    builder.names(issues);
    builder.write(issues)
}

struct Builder<'a> {
    project: &'a Project,
    group: TmplGroup,
    /// Path with suffix to text.
    scripts: BTreeMap<String, String>,
    /// Paths without suffix.
    templates: BTreeSet<String>,
    /// `<template is>`: the template it stands in, the name, the place.
    uses: Vec<(String, String, Place)>,
    wanted: VecDeque<String>,
}

impl Builder<'_> {
    fn template(&mut self, path: &str, units: &[Unit], issues: &mut Issues) {
        let file = format!("{path}.wxml");
        // Who names it has complained already if it cannot be read.
        let Ok(text) = self.project.text(&file) else {
            return;
        };
        self.templates.insert(path.to_owned());
        let unit = units.iter().find(|unit| unit.path == path);
        let checked = wxml::check(&file, &text, &Tags::of(unit, units), issues);
        let source = blanks::hide(if checked.sound { &text } else { "" });
        let group = &mut self.group;
        let parsed = catch_unwind(AssertUnwindSafe(|| group.add_tmpl(path, &source)));
        match parsed {
            Ok(found) => warnings::of_template(&file, &found, issues),
            Err(_) => {
                issues.push(gave_up(&file));
                self.group.add_tmpl(path, "");
            }
        }
        self.inline_scripts(path, &file, &text, &checked, issues);
        let uses = checked.uses.into_iter();
        self.uses
            .extend(uses.map(|(name, place)| (path.to_owned(), name, place)));
        self.follow(path, &file, issues);
    }

    /// Inline WXS is checked as files are, and what would break the bundle is left out.
    fn inline_scripts(
        &mut self,
        path: &str,
        file: &str,
        text: &str,
        checked: &Checked,
        issues: &mut Issues,
    ) {
        for (module, range) in &checked.scripts {
            let script = wxs::check(self.project, file, text, range.clone(), issues);
            let known = self.group.inline_script_content(path, module).is_ok();
            if known {
                // A line comment at the end must not swallow the brace that follows.
                let closed = format!("{}\n", script.text);
                let set = self.group.set_inline_script_content(path, module, &closed);
                debug_assert!(set.is_ok(), "the template was added before");
            }
            for required in script.required {
                wxs::load(self.project, &required, &mut self.scripts, issues);
            }
        }
    }

    /// `<import>`, `<include>` and `<wxs src>`.
    fn follow(&mut self, path: &str, file: &str, issues: &mut Issues) {
        let Ok(tree) = self.group.get_tree(path) else {
            return;
        };
        let globals = &tree.globals;
        let mut templates = Vec::new();
        for import in &globals.imports {
            templates.push((import.src.name.to_string(), import.src_location.start));
        }
        for include in &globals.includes {
            templates.push((include.src.name.to_string(), include.src_location.start));
        }
        let scripts: Vec<_> = wxs::references(tree);
        for (written, position) in templates {
            if let Some(found) = self.find(path, file, &written, "wxml", position, issues) {
                self.wanted.push_back(found);
            }
        }
        for (written, position) in scripts {
            if let Some(found) = self.find(path, file, &written, "wxs", position, issues) {
                wxs::load(
                    self.project,
                    &format!("{found}.wxs"),
                    &mut self.scripts,
                    issues,
                );
            }
        }
    }

    /// The path, without suffix, of a file that a template names.
    fn find(
        &self,
        path: &str,
        file: &str,
        written: &str,
        suffix: &str,
        position: Position,
        issues: &mut Issues,
    ) -> Option<String> {
        let (line, column) = position.line_col_utf16();
        let place = Place::from_zero(line, column);
        let Ok(found) = paths::resolve(path, written) else {
            issues.push(outside(written, file).at(place));
            return None;
        };
        let named = format!("{found}.{suffix}");
        match self.project.text(&named) {
            Ok(_) => Some(found),
            Err(error) => {
                issues.push(unreadable(&named, error, file, Some(place)));
                None
            }
        }
    }

    /// Every `<template is>` must be defined in its file, or in one that the file imports.
    fn names(&self, issues: &mut Issues) {
        for (path, name, place) in &self.uses {
            let Ok(tree) = self.group.get_tree(path) else {
                continue;
            };
            let imports = tree.globals.imports.iter();
            let imported = imports.filter_map(|import| paths::resolve(path, &import.src.name).ok());
            let defined = std::iter::once(path.clone()).chain(imported).any(|path| {
                let tree = self.group.get_tree(&path);
                tree.is_ok_and(|tree| {
                    let templates = &tree.globals.sub_templates;
                    templates.iter().any(|one| one.name.name == *name)
                })
            });
            if !defined {
                let issue = Issue::error(IssueCode::MissingTemplate, &format!("{path}.wxml"));
                issues.push(issue.at(*place).says(
                    format!(
                        "没有名为 “{name}” 的模板；请在本文件定义，或用 <import> 引入（不会传递）。"
                    ),
                    format!("No template \"{name}\": define it here or <import> it directly."),
                ));
            }
        }
    }

    fn write(mut self, issues: &mut Issues) -> String {
        // Makes the runtime string bring what scripts need.
        self.group.add_script("", "");
        let mut out = String::from("(()=>{\nvar G={},R={};\n");
        out.push_str(&self.group.get_runtime_string());
        out.push('\n');
        for (path, text) in &self.scripts {
            let with = quoted(path);
            let without = quoted(path.strip_suffix(".wxs").unwrap_or(path));
            out.push_str(&format!(
                "R[{without}]=R[{with}]=D({with},(require,exports,module)=>{{{text}\n}});\n"
            ));
        }
        for path in &self.templates {
            let written = catch_unwind(AssertUnwindSafe(|| self.group.get_tmpl_gen_object(path)));
            match written {
                Ok(Ok(generator)) => {
                    let generator = blanks::show(&generator);
                    out.push_str(&format!("G[{}]={generator};\n", quoted(path)));
                }
                Ok(Err(_)) | Err(_) => issues.push(gave_up(&format!("{path}.wxml"))),
            }
        }
        out.push_str("return G})()");
        out
    }
}

fn gave_up(file: &str) -> Issue {
    Issue::error(IssueCode::CompilerFailed, file).says(
        format!("模板编译器无法处理 {file}；请先改正其它问题，或简化这个文件。"),
        format!("The template compiler cannot handle {file}; solve its other issues or simplify."),
    )
}
