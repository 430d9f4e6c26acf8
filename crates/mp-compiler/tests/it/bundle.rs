//! The script as a whole.

use crate::folder::{compile, with};

#[test]
fn the_same_folder_gives_the_same_bytes() {
    let folder = with(&[
        (
            "pages/a/index.wxml",
            "<wxs module='m' src='m.wxs' /><include src='t' /><import src='u' />",
        ),
        ("pages/a/m.wxs", ""),
        ("pages/a/t.wxml", "t"),
        ("pages/a/u.wxml", "u"),
    ]);
    let (one, two) = (
        mp_compiler::compile(folder.path()),
        mp_compiler::compile(folder.path()),
    );
    assert_eq!(one.bundle, two.bundle);
    assert_eq!(one.css, two.css);
}

#[test]
fn lines_say_where_each_module_begins() {
    let compiled = compile(&[("app.js", "// one\n// two\nApp({});\n")]);
    let lines: Vec<_> = compiled.bundle.lines().collect();
    assert!(lines[0].starts_with("miniProgram.module(\"app.js\", function(require,module,"));
    assert!(
        lines[0].ends_with("// one"),
        "the source begins on the wrapper's line"
    );
    let second = lines
        .iter()
        .position(|line| line.contains("\"pages/a/index.js\", function"));
    let expected = format!(
        "[\"pages/a/index.js\",{}]",
        second.expect("it is there") + 1
    );
    assert!(compiled.bundle.contains(&expected), "{expected}");
}

#[test]
fn a_module_may_name_what_the_browser_names() {
    let compiled = compile(&[("app.js", "'use strict';\nconst confirm = 1;")]);
    let wrapper = "frames){'use strict';{'use strict';\nconst confirm = 1;\n}});";
    assert!(compiled.bundle.contains(wrapper), "{}", compiled.bundle);
}

#[test]
fn templates_carry_what_wxs_may_call() {
    let compiled = compile(&[]);
    assert!(compiled.bundle.contains("var getRegExp="));
    assert!(compiled.bundle.contains("var getDate="));
    assert!(compiled.bundle.contains("miniProgram.templates((()=>{"));
}

#[test]
fn issues_are_part_of_the_description() {
    let compiled = compile(&[("pages/a/index.wxml", "<div />")]);
    assert!(compiled.bundle.contains(r#""code":"unsupported-tag""#));
}
