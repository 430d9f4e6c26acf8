//! Whatever is in the files, the compiler comes back, in time, without a panic.

use mp_compiler::{Issue, IssueCode};
use proptest::prelude::*;

use crate::folder::{codes, compile, empty, write};

/// As many as no parser with a level of recursion each survives on an ordinary stack.
const MANY: usize = 60_000;

fn limited(path: &str, text: &str) {
    let found = codes(&compile(&[(path, text)]));
    assert!(
        found.contains(&"error limit-exceeded".to_owned()),
        "{path}: {found:?}"
    );
}

#[test]
fn depth_is_bounded() {
    let page = "pages/a/index.wxml";
    limited(page, &"<a>".repeat(MANY));
    limited(page, &format!("{{{{{}", "(".repeat(MANY)));
    limited(page, &format!("<view a='{{{{{}'", "[".repeat(MANY)));
    limited(page, &format!("{{{{{}a}}}}", "!".repeat(100)));
    limited(page, &format!("{{{{{}a}}}}", "a?b:".repeat(100)));
    limited(page, &format!("{{{{{}}}}}", "a+".repeat(MANY)));
    limited("pages/a/index.wxss", &".a{".repeat(MANY));
    limited("pages/a/index.wxss", &format!(".a{{b:{}", "(".repeat(MANY)));
    limited(page, &"x".repeat(300_000));
    limited("app.js", &" ".repeat(2 * 1024 * 1024 + 1));
}

#[test]
fn odd_files_are_issues() {
    let rows: [(&str, &[u8]); 5] = [
        ("app.json", b"\xff\xfe{\0}\0"),
        ("app.js", b"\xff"),
        ("pages/a/index.wxml", b"\xc3"),
        ("pages/a/index.json", b"\xf0\x9f"),
        ("pages/a/index.wxss", b"\x80"),
    ];
    for (path, bytes) in rows {
        let folder = crate::folder::with(&[]);
        std::fs::write(folder.path().join(path), bytes).expect("a file can be written");
        let found = codes(&mp_compiler::compile(folder.path()));
        assert!(
            found.contains(&"error unreadable-file".to_owned()),
            "{path}: {found:?}"
        );
    }
    let folder = empty();
    write(&folder, &[("app.json/x", "a folder")]);
    assert!(codes(&mp_compiler::compile(folder.path())).contains(&"error missing-file".to_owned()));
}

#[test]
fn a_mark_at_the_beginning_is_no_character() {
    let json = "\u{feff}{\"pages\":[\"pages/a/index\"]}";
    assert_eq!(codes(&compile(&[("app.json", json)])), Vec::<String>::new());
}

#[test]
fn issues_are_bounded() {
    let compiled = compile(&[("pages/a/index.wxml", &"<div/>\n".repeat(2_000))]);
    assert_eq!(compiled.issues.len(), 501);
}

#[test]
fn a_compiler_that_gives_up_costs_one_template() {
    let compiled = compile(&[("pages/a/index.wxml", "<view>{{0xr}}</view>")]);
    assert_eq!(codes(&compiled), ["error compiler-failed"]);
    assert_eq!(compiled.issues[0].file, "pages/a/index.wxml");
    assert!(compiled.bundle.contains("G[\"pages/a/index\"]"));
}

#[test]
fn wide_blanks_are_kept_in_text_and_named_in_tags() {
    let text = compile(&[("pages/a/index.wxml", "<view a='\u{3000}'>\u{a0}</view>")]);
    assert_eq!(codes(&text), Vec::<String>::new());
    assert!(text.bundle.contains('\u{3000}') || text.bundle.contains("\\u{3000}"));
    // The template compiler would never come back from this one.
    let tag = compile(&[(
        "pages/a/index.wxml",
        "<view\u{3000}a='b'><!x \u{2028}></view>",
    )]);
    assert!(codes(&tag).contains(&"error wxml-syntax".to_owned()));
}

/// Pieces that mean something to one of the parsers.
const PIECES: [&str; 70] = [
    "<",
    ">",
    "</",
    "/>",
    "<view",
    "</view>",
    "<wxs module='m'>",
    "</wxs>",
    "<template is='",
    "<include src='",
    "<!--",
    "-->",
    "<!",
    "{{",
    "}}",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "'",
    "\"",
    "`",
    "${",
    "\\",
    "/",
    "//",
    "/*",
    "*/",
    "=",
    "==",
    "=>",
    "?",
    ":",
    ".",
    "...",
    ",",
    ";",
    "a",
    "b.c",
    " wx:if=",
    " wx:else",
    " wx:for='{{a}}'",
    " class",
    "1",
    "0x",
    "1e",
    "&amp;",
    "&#",
    "@import './x';",
    "@media",
    ".a",
    "#",
    ":host",
    "!",
    "-",
    "rpx",
    "calc(",
    "min(",
    "require('./x')",
    "import ",
    "null",
    "typeof ",
    "\n",
    " ",
    "中",
    "😀",
    "\u{feff}",
    "\0",
];

/// The pieces in any order.
fn soup() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(&PIECES[..]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_makes_it_panic(text in soup(), other in soup()) {
        let compiled = compile(&[
            ("app.wxss", &text),
            ("pages/a/index.wxml", &text),
            ("pages/a/index.wxss", &other),
            ("pages/a/index.js", &text),
            ("pages/a/index.json", &other),
            ("pages/a/x.wxs", &other),
            ("pages/a/x.js", &other),
        ]);
        // A part that gives up says so with its file; the compiler as a whole never does.
        let gave_up = |issue: &&Issue| issue.code == IssueCode::CompilerFailed;
        let whole = compiled.issues.iter().filter(gave_up).filter(|issue| issue.file.is_empty());
        prop_assert_eq!(whole.count(), 0, "{} {}", text, other);
    }
}
