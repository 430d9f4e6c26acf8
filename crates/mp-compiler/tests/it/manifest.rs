//! `app.json`, page and component JSON, and where components are found.

use crate::folder::{codes, compile, empty, lines, with, write};

#[test]
fn faults_of_app_json_are_named() {
    let rows = [
        ("", "error bad-json app.json:1:1"),
        ("[]", "error bad-json app.json"),
        ("{\n \"pages\": [],,\n}", "error bad-json app.json:2:14"),
        ("{ // no\n}", "error bad-json app.json:1:3"),
        ("{}", "error wrong-type app.json"),
        (r#"{"pages":[]}"#, "error wrong-type app.json:1:2"),
        (
            r#"{"pages":["/pages/a/index"]}"#,
            "error bad-path app.json:1:11",
        ),
        (r#"{"pages":["../a"]}"#, "error bad-path app.json:1:11"),
        (r#"{"pages":[1]}"#, "error bad-path app.json:1:2"),
        (
            r#"{"pages":["pages/a/index","pages/a/index"]}"#,
            "error wrong-type app.json:1:11",
        ),
        (
            "{\"pages\":[\n\"pages/no\"]}",
            "error missing-file app.json:2:1",
        ),
        (
            r#"{"pages":["pages/a/index"],"window":{"enablePullDownRefresh":"yes"}}"#,
            "error wrong-type app.json:1:38",
        ),
        (
            r#"{"pages":["pages/a/index"],"window":{"navigationBarBackgroundColor":"red"}}"#,
            "error wrong-type app.json:1:38",
        ),
        (
            r#"{"pages":["pages/a/index"],"entryPagePath":"pages/b"}"#,
            "error missing-file app.json:1:28",
        ),
        (
            r#"{"pages":["pages/a/index"],"sitemapLocation":"sitemap.json"}"#,
            "error missing-file app.json:1:28",
        ),
        (
            r#"{"pages":["pages/a/index"],"plugins":{}}"#,
            "warning unsupported-setting app.json:1:28",
        ),
        (
            r#"{"pages":["pages/a/index"],"tabBar":{}}"#,
            "error wrong-type app.json:1:28",
        ),
        (
            r#"{"pages":["pages/a/index"],"tabBar":{"list":[{"pagePath":"no"},{"pagePath":"pages/a/index"}]}}"#,
            "error missing-file app.json:1:28",
        ),
        (
            r#"{"pages":["pages/a/index"],"tabBar":{"list":[{"iconPath":"a.png"}]}}"#,
            "error missing-file app.json:1:58",
        ),
        (
            r#"{"pages":["pages/a/index"],"subPackages":[{"root":"pack","pages":["../x"]}]}"#,
            "error bad-path app.json:1:67",
        ),
    ];
    for (json, expected) in rows {
        let found = lines(&compile(&[("app.json", json)]));
        assert!(found.contains(&expected.to_owned()), "{json}: {found:?}");
    }
}

#[test]
fn faults_of_a_page_are_named() {
    let rows = [
        (
            r#"{"usingComponents":[]}"#,
            "error wrong-type pages/a/index.json:1:2",
        ),
        (
            r#"{"usingComponents":{"x":1}}"#,
            "error wrong-type pages/a/index.json:1:21",
        ),
        (
            r#"{"usingComponents":{"x":"./no"}}"#,
            "error missing-component pages/a/index.json:1:21",
        ),
        (
            r#"{"usingComponents":{"x":"no/x"}}"#,
            "error missing-component pages/a/index.json:1:21",
        ),
        (
            r#"{"usingComponents":{"x":"../../../x"}}"#,
            "error bad-path pages/a/index.json:1:21",
        ),
        (
            r#"{"usingComponents":{"x":"plugin://p/x"}}"#,
            "error missing-component pages/a/index.json:1:21",
        ),
        (
            r#"{"usingComponents":{"x":"/c/x"}}"#,
            "error not-a-component c/x.json",
        ),
        (
            r#"{"navigationBarTitleText":1}"#,
            "error wrong-type pages/a/index.json:1:2",
        ),
        ("{", "error bad-json pages/a/index.json:1:1"),
    ];
    let component = [("c/x.json", "{}"), ("c/x.js", ""), ("c/x.wxml", "")];
    for (json, expected) in rows {
        let files = [
            ("pages/a/index.json", json),
            component[0],
            component[1],
            component[2],
        ];
        assert_eq!(lines(&compile(&files)), [expected], "{json}");
    }
}

#[test]
fn components_are_found_wherever_they_may_be() {
    let compiled = compile(&[
        (
            "app.json",
            r#"{"pages":["pages/a/index"],"usingComponents":{"g":"c/g"}}"#,
        ),
        (
            "pages/a/index.json",
            r#"{"usingComponents":{"r":"../../c/r","a":"/c/a","n":"kit/n/n","i":"kit"}}"#,
        ),
        ("pages/a/index.wxml", "<g /><r /><a /><n /><i />"),
        ("c/g.json", r#"{"component":true}"#),
        (
            "c/r.json",
            r#"{"component":true,"usingComponents":{"r":"./r"}}"#,
        ),
        (
            "c/a.json",
            r#"{"component":true,"componentGenerics":{"s":{"default":"./g"},"t":true}}"#,
        ),
        ("c/a.wxml", "<s /><t />"),
        ("miniprogram_npm/kit/n/n.json", r#"{"component":true}"#),
        ("miniprogram_npm/kit/index.json", r#"{"component":true}"#),
        ("c/g.js", ""),
        ("c/g.wxml", ""),
        ("c/r.js", ""),
        ("c/r.wxml", "<r /><g />"),
        ("c/a.js", ""),
        ("miniprogram_npm/kit/n/n.js", ""),
        ("miniprogram_npm/kit/n/n.wxml", ""),
        ("miniprogram_npm/kit/index.js", ""),
        ("miniprogram_npm/kit/index.wxml", ""),
    ]);
    assert_eq!(lines(&compiled), Vec::<String>::new());
    let page = r#""components":{"a":"c/a","g":"c/g","i":"miniprogram_npm/kit/index","n":"miniprogram_npm/kit/n/n","r":"c/r"}"#;
    assert!(compiled.bundle.contains(page), "{}", compiled.bundle);
    assert!(compiled.bundle.contains(r#""generics":{"s":"c/g"}"#));
}

#[test]
fn missing_parts_are_named_where_they_are_listed() {
    let missing = compile(&[("app.json", r#"{"pages":["pages/a/index","pages/b/index"]}"#)]);
    assert_eq!(lines(&missing), ["error missing-file app.json:1:27"; 2]);
    assert!(missing.issues[0].zh.contains("pages/b/index.js"));
    let none = empty();
    assert_eq!(
        lines(&mp_compiler::compile(none.path())),
        ["error missing-file app.js", "error missing-file app.json"]
    );
    let nowhere = mp_compiler::compile(&none.path().join("no"));
    assert_eq!(lines(&nowhere), ["error missing-file "]);
}

#[test]
fn project_config_names_the_folder() {
    let folder = empty();
    write(
        &folder,
        &[("project.config.json", r#"{"miniprogramRoot":"./mini/"}"#)],
    );
    write(
        &folder,
        &[("mini/app.json", r#"{"pages":["p"]}"#), ("mini/app.js", "")],
    );
    write(
        &folder,
        &[("mini/p.js", "Page({})"), ("mini/p.wxml", "<view />")],
    );
    let compiled = mp_compiler::compile(folder.path());
    assert_eq!(lines(&compiled), Vec::<String>::new());
    let has = |name: &str| compiled.files.iter().any(|file| file.ends_with(name));
    assert!(has("project.config.json") && has("mini/p.wxml"));
    // Looked for in vain: when it appears, the mini program must be compiled again.
    assert!(has("mini/p.wxss"));
}

#[test]
fn the_theme_goes_with_the_description() {
    let compiled = compile(&[
        (
            "app.json",
            r#"{"pages":["pages/a/index"],"darkmode":true,"themeLocation":"theme.json",
                "window":{"navigationBarBackgroundColor":"@bg"}}"#,
        ),
        (
            "theme.json",
            r##"{"light":{"bg":"#fff"},"dark":{"bg":"#000"}}"##,
        ),
    ]);
    assert_eq!(lines(&compiled), Vec::<String>::new());
    assert!(
        compiled
            .bundle
            .contains(r##""theme":{"dark":{"bg":"#000"}"##)
    );
}

#[cfg(unix)]
#[test]
fn links_out_of_the_folder_are_not_followed() {
    let secret = empty();
    write(&secret, &[("x.js", "secret()"), ("x.wxml", "secret")]);
    let folder = with(&[("pages/a/index.js", "require('./x'); require('./d/x')")]);
    let page = folder.path().join("pages/a");
    let link = |from: &str, to: &str| {
        let target = secret.path().join(from);
        std::os::unix::fs::symlink(target, page.join(to)).expect("a link can be made");
    };
    link("x.js", "x.js");
    link("", "d");
    std::fs::remove_file(page.join("index.wxml")).expect("it is there");
    link("x.wxml", "index.wxml");
    let compiled = mp_compiler::compile(folder.path());
    assert_eq!(
        codes(&compiled),
        [
            "error bad-path",
            "error missing-module",
            "error missing-module"
        ]
    );
    assert!(!compiled.bundle.contains("secret"));
}

#[test]
fn typescript_is_named_as_such() {
    let app = r#"{"pages":["pages/a/index","b"]}"#;
    let compiled = compile(&[("app.json", app), ("b.ts", "Page({})"), ("b.wxml", "")]);
    assert!(
        compiled.issues[0].en.contains("make b.js with tsc"),
        "{:?}",
        compiled.issues
    );
}

#[test]
fn tabs_and_pages_of_sub_packages_are_pages() {
    let compiled = compile(&[
        (
            "app.json",
            r#"{"pages":["pages/a/index","b"],"subpackages":[{"root":"pack/","pages":["c","d/e"]}],
                "tabBar":{"list":[{"pagePath":"pages/a/index","iconPath":"a.png"},{"pagePath":"b"}]}}"#,
        ),
        ("a.png", ""),
        ("b.js", "Page({})"),
        ("b.wxml", "<view/>"),
        ("pack/c.js", "Page({})"),
        ("pack/c.wxml", "<view/>"),
        ("pack/d/e.js", "Page({})"),
        ("pack/d/e.wxml", "<view/>"),
    ]);
    assert_eq!(lines(&compiled), Vec::<String>::new());
    for path in ["pack/c", "pack/d/e"] {
        let page = format!("miniProgram.module(\"{path}.js\"");
        assert!(compiled.bundle.contains(&page), "{path}");
    }
}

#[test]
fn a_bar_of_its_own_is_a_component_of_the_mini_program() {
    let app = r#"{"pages":["pages/a/index","b"],"tabBar":{"custom":true,
        "list":[{"pagePath":"pages/a/index"},{"pagePath":"b"}]}}"#;
    let missing = lines(&compile(&[("app.json", app), ("b.js", ""), ("b.wxml", "")]));
    assert!(
        missing[0].contains("missing-file custom-tab-bar/index"),
        "{missing:?}"
    );
}
