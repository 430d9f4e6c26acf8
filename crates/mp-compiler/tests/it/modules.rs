//! `require`, and scripts that cannot go into a bundle.

use crate::folder::{codes, compile, lines};

const PAGE: &str = "pages/a/index.js";

#[test]
fn what_is_required_is_packed_and_nothing_else() {
    let compiled = compile(&[
        (
            PAGE,
            "const a = require('../../u/a'); require(\"../../u/b.js\"); require('./c');\n\
             require('kit'); require('kit/x'); require.async('../../u/d'); x.require('no');",
        ),
        ("u/a.js", "require('./a.js'); require('../pages/a/index')"),
        ("u/b.js", ""),
        ("pages/a/c/index.js", ""),
        ("u/d.js", ""),
        ("u/unused.js", ""),
        (
            "miniprogram_npm/kit/index.js",
            "require('./x'); require('leaf')",
        ),
        ("miniprogram_npm/kit/x.js", ""),
        ("miniprogram_npm/kit/miniprogram_npm/leaf/index.js", ""),
    ]);
    assert_eq!(lines(&compiled), Vec::<String>::new());
    let packed: Vec<_> = compiled
        .bundle
        .split("miniProgram.module(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let expected = "app.js miniprogram_npm/kit/index.js \
        miniprogram_npm/kit/miniprogram_npm/leaf/index.js miniprogram_npm/kit/x.js \
        pages/a/c/index.js pages/a/index.js u/a.js u/b.js u/d.js";
    assert_eq!(packed.join(" "), expected);
}

#[test]
fn what_cannot_be_required_is_named() {
    let rows = [
        (
            "\n  require('./no');",
            "error missing-module pages/a/index.js:2:3",
        ),
        ("require('no')", "error missing-module pages/a/index.js:1:1"),
        (
            "require('../../../no')",
            "error missing-module pages/a/index.js:1:1",
        ),
        (
            "require('./x.json')",
            "error missing-module pages/a/index.js:1:1",
        ),
        (
            "require('./' + x)",
            "warning dynamic-require pages/a/index.js:1:1",
        ),
        (
            "require(`./x`)",
            "warning dynamic-require pages/a/index.js:1:1",
        ),
        (
            "require('/u')",
            "warning absolute-require pages/a/index.js:1:1",
        ),
    ];
    for (script, expected) in rows {
        let compiled = compile(&[(PAGE, script), ("u.js", ""), ("pages/a/x.json", "{}")]);
        assert_eq!(lines(&compiled), [expected], "{script}");
    }
    let others = compile(&[
        (PAGE, "require('kit')"),
        ("miniprogram_npm/kit/index.js", "require('fs')"),
    ]);
    assert_eq!(codes(&others), ["warning missing-module"]);
}

#[test]
fn mentions_of_require_are_no_calls() {
    let script = "// require('./a')\n/* require('./b') */ var s = \"require('./c')\";\n\
                  var t = `require('./d')`; if (typeof require === 'function') {}\n\
                  function require(x) {} a.require('./e');";
    assert_eq!(lines(&compile(&[(PAGE, script)])), Vec::<String>::new());
    let inside = compile(&[(PAGE, "var t = `${require('./no')}`;")]);
    assert_eq!(codes(&inside), ["error missing-module"]);
}

#[test]
fn a_script_that_would_break_the_bundle_is_replaced() {
    let rows = [
        ("Page({", "js-syntax", 6),
        ("Page({}))", "js-syntax", 9),
        ("var a = 'x", "js-syntax", 9),
        ("var a = `x", "js-syntax", 9),
        ("/* no end", "js-syntax", 1),
        ("import a b from './a'", "es-module", 1),
        ("export 1", "es-module", 1),
    ];
    for (script, code, column) in rows {
        let compiled = compile(&[(PAGE, script)]);
        assert_eq!(
            lines(&compiled),
            [format!("error {code} {PAGE}:1:{column}")],
            "{script}"
        );
        assert!(
            compiled
                .bundle
                .contains("throw new SyntaxError(\"pages/a/index.js:1: ")
        );
        let runs = compiled.bundle.replace("SyntaxError(\"", "");
        assert!(!runs.contains(&format!("{{{script}")), "{script}");
    }
    let fine =
        "const m = import('x'); a.import(1); var o = {export: 1}; /[{(]/.test(m); a / (b) / c";
    assert_eq!(lines(&compile(&[(PAGE, fine)])), Vec::<String>::new());
}

#[test]
fn an_es_module_is_translated_and_what_it_imports_is_packed() {
    let compiled = compile(&[
        (
            PAGE,
            "import money, { fen } from '../../u/money'\nexport const a = fen(money)",
        ),
        ("u/money.js", "export default 1; export function fen() {}"),
    ]);
    assert_eq!(lines(&compiled), Vec::<String>::new());
    assert!(
        compiled
            .bundle
            .contains("{'use strict';{'use strict';let money,fen;")
    );
    assert!(
        compiled
            .bundle
            .contains("miniProgram.module(\"u/money.js\"")
    );
    let missing = compile(&[(PAGE, "\nimport a from './no'")]);
    assert_eq!(
        lines(&missing),
        [format!("error missing-module {PAGE}:2:15")]
    );
}

#[test]
fn a_local_file_without_a_dot_is_found_with_a_warning() {
    let compiled = compile(&[(PAGE, "require('help')"), ("pages/a/help.js", "")]);
    assert_eq!(
        lines(&compiled),
        [format!("warning bare-require {PAGE}:1:1")]
    );
    assert!(compiled.bundle.contains("pages/a/help.js"));
}
