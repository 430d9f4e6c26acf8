//! WXSS: imports, selectors, units.

use crate::folder::{codes, compile, lines};

const PAGE: &str = "pages/a/index.wxss";
const APP_WITH_TAG: (&str, &str) = (
    "app.json",
    r#"{"pages":["pages/a/index"],"usingComponents":{"tag":"/c/tag"}}"#,
);
const TAG: [(&str, &str); 3] = [
    ("c/tag.json", r#"{"component":true}"#),
    ("c/tag.js", "Component({})"),
    ("c/tag.wxml", "<view />"),
];

fn with_component(wxss: &str) -> mp_compiler::Compiled {
    compile(&[APP_WITH_TAG, TAG[0], TAG[1], TAG[2], ("c/tag.wxss", wxss)])
}

#[test]
fn what_wcsc_refuses_is_an_error() {
    let rows = [
        ("* {a:b}", "wxss-syntax"),
        (".a{.b{color:red}}", "wxss-syntax"),
        (".a{&:hover{color:red}}", "wxss-syntax"),
        (".a{color:red", "wxss-syntax"),
        (".a color:red}", "wxss-syntax"),
        (".a:is(.b,.c){a:b}", "wxss-syntax"),
        ("@layer a{.b{a:b}}", "wxss-syntax"),
        ("@container (min-width:1px){.a{a:b}}", "wxss-syntax"),
        ("@scope (.a){.b{a:b}}", "wxss-syntax"),
        (".中{a:b}", "wxss-syntax"),
        ("// no\n.a{a:b}", "wxss-syntax"),
        (".a{a:b} /* no end", "wxss-syntax"),
        (".a{content:'no end}", "wxss-syntax"),
        (".a{} color: red", "wxss-syntax"),
        ("@import x;", "wxss-syntax"),
        ("@import './no.wxss';", "missing-file"),
        ("@import '../../../x.wxss';", "bad-path"),
        ("@import 'https://example.com/x.css';", "bad-path"),
        (".a{background:url(./a.png)}", "local-resource"),
        (".a{background:url('a.png')}", "local-resource"),
    ];
    for (wxss, code) in rows {
        let found = codes(&compile(&[(PAGE, wxss)]));
        assert!(
            found.contains(&format!("error {code}")),
            "{wxss}: {found:?}"
        );
    }
}

#[test]
fn what_wcsc_accepts_is_accepted() {
    let rows = [
        ".a>.b,.a~.b,.a+.b{color:red}",
        ".a:not(.b)::before{content:'{*}';}",
        ".a:nth-child(2n+1) .b:nth-child(odd){a:b}",
        "page,view,.a view{color:red}",
        "#a{a:b}[a='*']{a:b}",
        "@media (prefers-color-scheme: dark){.a{color:red}}",
        "@supports (a:b){.a{c:d}}",
        "@keyframes x{from{a:b}50.5%{a:b}to{a:b}}",
        ".a{background:url(data:image/png;base64,AA==) url(https://example.com/a.png)}",
        ".a{background:url(\"data:image/svg+xml,%3Cg mask='url(%23b)'/%3E\")}",
        ".a{--x:1px;width:var(--x);padding-bottom:env(safe-area-inset-bottom)}",
        "@font-face{font-family:x;src:url(https://example.com/a.woff)}",
        "",
    ];
    for wxss in rows {
        assert_eq!(
            lines(&compile(&[(PAGE, wxss)])),
            Vec::<String>::new(),
            "{wxss}"
        );
    }
}

#[test]
fn what_matches_differently_is_a_warning() {
    let found = codes(&with_component("view{a:b} #a{a:b} [a]{a:b} .a{a:b}"));
    assert_eq!(found, ["warning component-selector"; 3]);
    let twice = compile(&[
        ("app.wxss", "@keyframes turn{to{a:b}}"),
        (PAGE, "@keyframes turn{to{a:b}}"),
    ]);
    assert_eq!(
        lines(&twice),
        [format!("warning keyframes-collision {PAGE}:1:1")]
    );
}

#[test]
fn tags_are_called_as_the_phone_calls_them() {
    let compiled = compile(&[(
        PAGE,
        ".a input,form>.b,textarea:focus{a:b}\n.input{c:d} view{e:f}",
    )]);
    assert_eq!(lines(&compiled), Vec::<String>::new());
    for selector in [
        ".a wx-input",
        "wx-form>.b",
        "wx-textarea:focus",
        ".input",
        "view",
    ] {
        let tight = compiled.css.replace(" > ", ">");
        assert!(tight.contains(selector), "{selector}: {}", compiled.css);
    }
}

#[test]
fn imports_are_put_in_place_whatever_their_order() {
    let compiled = compile(&[
        ("app.wxss", "@import \"./t/one.wxss\"; .app{a:b}"),
        (
            "t/one.wxss",
            "@import url(two.wxss) (min-width: 1px);\n.one{width:75rpx}",
        ),
        ("t/two.wxss", ".two{height:calc(1rpx + (2px - 3px))}"),
    ]);
    assert_eq!(lines(&compiled), Vec::<String>::new());
    let css = compiled.css.replace('\n', "");
    assert!(css.contains("@media(min-width: 1px){.two{"), "{css}");
    assert!(css.contains("calc(0.133333vw + calc(2px - 3px))"), "{css}");
    assert!(css.contains("}.one{width:10vw}.app{a:b}"), "{css}");
}

#[test]
fn circles_and_ladders_end() {
    let circle = compile(&[
        (PAGE, "@import './x.wxss';"),
        ("pages/a/x.wxss", "\n@import './index.wxss';.x{a:b}"),
    ]);
    assert_eq!(lines(&circle), ["error import-cycle pages/a/x.wxss:2:1"]);
    assert!(circle.css.contains(".x{a:b}"));
    let names: Vec<_> = (0..40).map(|step| format!("pages/a/{step}.wxss")).collect();
    let texts: Vec<_> = (1..=40)
        .map(|step| format!("@import './{step}.wxss';@import './{step}.wxss';"))
        .collect();
    let mut files = vec![(PAGE, "@import './0.wxss';")];
    files.extend(
        names
            .iter()
            .zip(&texts)
            .map(|(name, text)| (name.as_str(), text.as_str())),
    );
    assert!(codes(&compile(&files)).contains(&"error limit-exceeded".to_owned()));
}

#[test]
fn sheets_keep_to_their_owners() {
    let compiled = with_component(":host{display:block}.x{a:b}");
    assert_eq!(lines(&compiled), Vec::<String>::new());
    assert!(
        compiled.css.starts_with("[wx-host=\"c1\"]{display:block}"),
        "{}",
        compiled.css
    );
    assert!(compiled.css.contains(".c1--x{a:b}"));
    assert!(compiled.bundle.contains(r#""styles":{"c/tag":"c1"}"#));
    let combined = with_component(".y :host{a:b}");
    assert_eq!(lines(&combined), ["error wxss-syntax c/tag.wxss:1:1"]);
    let page = compile(&[(PAGE, ".t{a:b}")]);
    let scoped = "@scope (page[data-route=\"pages/a/index\"]){.t{a:b}}";
    assert!(page.css.contains(scoped), "{}", page.css);
}
