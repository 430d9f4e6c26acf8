//! A mini program in a temporary folder, of which a test writes only what it is about.

use mp_compiler::{Compiled, Issue};
use tempfile::TempDir;

/// Files of one page that is in order.
const BASE: [(&str, &str); 4] = [
    ("app.json", r#"{"pages":["pages/a/index"]}"#),
    ("app.js", "App({});\n"),
    ("pages/a/index.js", "Page({});\n"),
    ("pages/a/index.wxml", "<view>hello</view>\n"),
];

pub(crate) fn empty() -> TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

pub(crate) fn write(folder: &TempDir, files: &[(&str, &str)]) {
    for (path, text) in files {
        let place = folder.path().join(path);
        let parent = place.parent().expect("every file is in the folder");
        std::fs::create_dir_all(parent).expect("a folder can be made");
        std::fs::write(place, text).expect("a file can be written");
    }
}

/// The base with these files added or replaced.
pub(crate) fn with(files: &[(&str, &str)]) -> TempDir {
    let folder = empty();
    write(&folder, &BASE);
    write(&folder, files);
    folder
}

pub(crate) fn compile(files: &[(&str, &str)]) -> Compiled {
    mp_compiler::compile(with(files).path())
}

/// One page with this template.
pub(crate) fn page(wxml: &str) -> Compiled {
    compile(&[("pages/a/index.wxml", wxml)])
}

/// `error unsupported-tag pages/a/index.wxml:1:1`, as the table in the README names it.
pub(crate) fn line(issue: &Issue) -> String {
    let value = serde_json::to_value(issue).expect("an issue is JSON");
    let word = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let mut line = format!("{} {} {}", word("severity"), word("code"), word("file"));
    for number in [issue.line, issue.column].into_iter().flatten() {
        line.push_str(&format!(":{number}"));
    }
    line
}

pub(crate) fn lines(compiled: &Compiled) -> Vec<String> {
    compiled.issues.iter().map(line).collect()
}

/// Everything that is said about these files, without the places.
pub(crate) fn codes(compiled: &Compiled) -> Vec<String> {
    let words = |line: String| {
        let mut words = line.split(' ').map(str::to_owned);
        let severity = words.next().unwrap_or_default();
        format!("{severity} {}", words.next().unwrap_or_default())
    };
    lines(compiled).into_iter().map(words).collect()
}
