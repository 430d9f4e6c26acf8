//! WXS: inline and in files.

use crate::folder::{codes, compile, lines};

const PAGE: &str = "pages/a/index.wxml";

#[test]
fn what_wcc_refuses_is_an_error() {
    let rows = [
        "const a = 1;",
        "let a = 1;",
        "var f = a => a;",
        "var a = `x`;",
        "class A {}",
        "var a = f(...b);",
        "var {a} = b;",
        "for (var a of b) {}",
        "for (var a in b) {}",
        "var a = /x/.test('a');",
        "var a = new Date();",
        "var a = b instanceof c;",
        "try { a() } catch (e) {}",
        "throw 1;",
        "a ?? b;",
        "a?.b;",
        "a ** b;",
        "with (a) {}",
        "function* a() {}",
        "async function a() {}",
    ];
    for script in rows {
        let file = compile(&[
            (PAGE, "<wxs src='./m.wxs' module='m' />"),
            ("pages/a/m.wxs", script),
        ]);
        let found = codes(&file);
        assert!(
            found.contains(&"error unsupported-wxs".to_owned()),
            "{script}: {found:?}"
        );
        let inline = compile(&[(PAGE, &format!("<wxs module='m'>{script}</wxs>"))]);
        assert!(
            codes(&inline).contains(&"error unsupported-wxs".to_owned()),
            "{script}"
        );
    }
}

#[test]
fn what_wcc_accepts_is_accepted() {
    let rows = [
        "var a = 1, b = typeof a; delete a.b; void 0; debugger;",
        "switch (a) { case 1: break; default: }",
        "do { a++ } while (a < 3); for (;;) { break }",
        "var r = getRegExp('a', 'g'), d = getDate();",
        "module.exports = {of: 1, let: a.new, f: function () { return this.x }};",
        "var a = [1, 2,], b = {'x': 1, y: 2,}; // </view>",
        "/* const */ var s = 'let a => b';",
    ];
    for script in rows {
        let file = compile(&[
            (PAGE, "<wxs src='./m.wxs' module='m' />"),
            ("pages/a/m.wxs", script),
        ]);
        assert_eq!(lines(&file), Vec::<String>::new(), "{script}");
    }
}

#[test]
fn required_scripts_come_along_under_both_names() {
    let compiled = compile(&[
        (PAGE, "<wxs src='../../u/m.wxs' module='m' />{{m.f(1)}}"),
        (
            "u/m.wxs",
            "var n = require('./n.wxs'); module.exports = {f: n.f};",
        ),
        (
            "u/n.wxs",
            "var m = require('./m.wxs'); module.exports = {f: function (a) { return a }};",
        ),
    ]);
    assert_eq!(lines(&compiled), Vec::<String>::new());
    for key in ["R[\"u/m\"]=R[\"u/m.wxs\"]=", "R[\"u/n\"]=R[\"u/n.wxs\"]="] {
        assert!(compiled.bundle.contains(key), "{key}");
    }
}

#[test]
fn a_requirement_that_fails_is_named_where_it_stands() {
    let compiled = compile(&[(
        PAGE,
        "<wxs module='m'>\n  var a = require('./no.wxs');\n</wxs>",
    )]);
    assert_eq!(
        lines(&compiled),
        ["error missing-file pages/a/index.wxml:2:11"]
    );
    for written in ["'./m'", "'/u/m.wxs'", "'m.wxs'", "x"] {
        let script = format!("<wxs module='m'>require({written})</wxs>");
        let found = codes(&compile(&[(PAGE, &script), ("pages/a/m.wxs", "")]));
        assert_eq!(found, ["error missing-module"], "{written}");
    }
}

#[test]
fn a_broken_script_does_not_break_the_bundle() {
    let compiled = compile(&[
        (
            PAGE,
            "<wxs module='m'>}) evil(</wxs><wxs src='./m.wxs' module='n' />",
        ),
        ("pages/a/m.wxs", "function ( {"),
    ]);
    assert_eq!(
        lines(&compiled),
        [
            "error wxs-syntax pages/a/index.wxml:1:17",
            "error wxs-syntax pages/a/m.wxs:1:12",
        ]
    );
    assert!(!compiled.bundle.contains("evil"));
    assert!(!compiled.bundle.contains("function ( {"));
}
