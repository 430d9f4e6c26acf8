//! `app.json`: the pages, the window, and what this phone does not act on.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::issue::{Issue, IssueCode, Issues};
use crate::json::{self, Document, Kind};
use crate::paths;
use crate::project::{Project, unreadable};
use crate::{packages, tab_bar};

pub(crate) const APP_JSON: &str = "app.json";

/// What `app.json` says.
#[derive(Default)]
pub(crate) struct App {
    pub(crate) json: Map<String, Value>,
    /// In order; the first is shown first. Paths without suffix.
    pub(crate) pages: Vec<String>,
    /// The file of `themeLocation`, for `darkmode`.
    pub(crate) theme: Map<String, Value>,
}

/// The members of a page's JSON file and of `window`.
/// Source: developers.weixin.qq.com/miniprogram/dev/reference/configuration/page.html
pub(crate) const WINDOW: &[(&str, Kind)] = &[
    ("navigationBarBackgroundColor", Kind::Colour),
    ("navigationBarTextStyle", Kind::OneOf(&["white", "black"])),
    ("navigationBarTitleText", Kind::Text),
    ("navigationStyle", Kind::OneOf(&["default", "custom"])),
    ("homeButton", Kind::Flag),
    ("backgroundColor", Kind::Colour),
    ("backgroundColorContent", Kind::Colour),
    ("backgroundTextStyle", Kind::OneOf(&["dark", "light"])),
    ("backgroundColorTop", Kind::Colour),
    ("backgroundColorBottom", Kind::Colour),
    ("enablePullDownRefresh", Kind::Flag),
    ("onReachBottomDistance", Kind::Number),
    (
        "pageOrientation",
        Kind::OneOf(&["auto", "portrait", "landscape"]),
    ),
    ("disableScroll", Kind::Flag),
];

/// Source: developers.weixin.qq.com/miniprogram/dev/reference/configuration/app.html
const MEMBERS: &[(&str, Kind)] = &[
    ("entryPagePath", Kind::Text),
    ("window", Kind::Object),
    ("tabBar", Kind::Object),
    ("subPackages", Kind::List),
    ("subpackages", Kind::List),
    ("networkTimeout", Kind::Object),
    ("debug", Kind::Flag),
    ("usingComponents", Kind::Object),
    ("permission", Kind::Object),
    ("sitemapLocation", Kind::Text),
    ("style", Kind::Text),
    ("darkmode", Kind::Flag),
    ("themeLocation", Kind::Text),
    ("lazyCodeLoading", Kind::Text),
    (
        "componentFramework",
        Kind::OneOf(&["exparser", "glass-easel"]),
    ),
];

/// Known to WeChat, not to this phone: they change what is shown or loaded.
const UNSUPPORTED: &[&str] = &["plugins", "useExtendedLib", "workers", "functionalPages"];

pub(crate) fn read(project: &Project, issues: &mut Issues) -> App {
    let text = match project.text(APP_JSON) {
        Ok(text) => text,
        Err(error) => {
            issues.push(unreadable(APP_JSON, error, APP_JSON, None));
            return App::default();
        }
    };
    let document = match json::parse(APP_JSON, &text) {
        Ok(document) => document,
        Err(issue) => {
            issues.push(*issue);
            return App::default();
        }
    };
    issues.extend(document.check(&document.members, MEMBERS));
    if let Some(Value::Object(window)) = document.members.get("window") {
        issues.extend(document.check(window, WINDOW));
    }
    issues.extend(unsupported(&document));
    let mut pages = pages(&document, issues);
    tab_bar::check(project, &document, &pages, issues);
    sub_packages(&document, &mut pages, issues);
    entry_page(&document, &pages, issues);
    let theme = named_files(project, &document, issues);
    App {
        json: document.members,
        pages,
        theme,
    }
}

fn unsupported<'a>(document: &'a Document<'_>) -> impl Iterator<Item = Issue> + 'a {
    let found = UNSUPPORTED
        .iter()
        .filter(|name| document.members.contains_key(**name));
    found.map(|name| {
        Issue::warning(IssueCode::UnsupportedSetting, document.file)
            .at_if(document.place_of(name))
            .says(
                format!("虚拟手机不支持 app.json 的 “{name}”；这里会忽略它，真机上仍然生效。"),
                format!("This phone ignores \"{name}\" of app.json; a real one acts on it."),
            )
    })
}

fn pages(document: &Document<'_>, issues: &mut Issues) -> Vec<String> {
    let list = document.members.get("pages").and_then(Value::as_array);
    let Some(list) = list.filter(|list| !list.is_empty()) else {
        let (zh, en) = (
            "非空的页面路径数组",
            "a list of page paths that is not empty",
        );
        issues.push(document.wrong_type("pages", zh, en));
        return Vec::new();
    };
    let mut seen = BTreeSet::new();
    let mut pages = Vec::new();
    for value in list {
        let written = value.as_str().unwrap_or_default();
        // Only the tidy spelling is a route; `/pages/a` and `pages/./a` are not.
        let tidy = paths::join("", written).is_ok_and(|path| path == written);
        if !tidy {
            let shown = value.to_string();
            issues.push(bad_page(document, written, &shown));
        } else if seen.insert(written) {
            pages.push(written.to_owned());
        } else {
            let (zh, en) = ("重复", "listed twice");
            issues.push(document.wrong_type(written, &format!("唯一的：它{zh}了"), en));
        }
    }
    pages
}

/// Their pages follow those of the main package.
fn sub_packages(document: &Document<'_>, pages: &mut Vec<String>, issues: &mut Issues) {
    for page in packages::pages(document) {
        match page.path {
            Some(path) if pages.contains(&path) => {}
            Some(path) => pages.push(path),
            None => {
                let shown = Value::String(page.written.clone()).to_string();
                issues.push(bad_page(document, &page.written, &shown));
            }
        }
    }
}

fn bad_page(document: &Document<'_>, written: &str, shown: &str) -> Issue {
    Issue::error(IssueCode::BadPath, document.file)
        .at_if(document.place_of(written).or(document.place_of("pages")))
        .says(
            format!("{shown} 不是页面路径；请写成 \"pages/goods/index\"，不带开头的 / 和后缀。"),
            format!(
                "{shown} is no page path; write \"pages/goods/index\", no leading / or suffix."
            ),
        )
}

fn entry_page(document: &Document<'_>, pages: &[String], issues: &mut Issues) {
    let entry = document
        .members
        .get("entryPagePath")
        .and_then(Value::as_str);
    if let Some(entry) = entry.filter(|entry| !pages.iter().any(|page| page == entry)) {
        issues.push(
            Issue::error(IssueCode::MissingFile, document.file)
                .at_if(document.place_of("entryPagePath"))
                .says(
                    format!("entryPagePath “{entry}” 不在 pages 里；请加进去或改正。"),
                    format!("entryPagePath \"{entry}\" is not in pages; add it or correct it."),
                ),
        );
    }
}

/// `sitemapLocation` and `themeLocation` name files.
fn named_files(
    project: &Project,
    document: &Document<'_>,
    issues: &mut Issues,
) -> Map<String, Value> {
    let mut theme = Map::new();
    for name in ["sitemapLocation", "themeLocation"] {
        let Some(written) = document.members.get(name).and_then(Value::as_str) else {
            continue;
        };
        let place = document.place_of(name);
        let Ok(path) = paths::join("", written) else {
            issues.push(outside(written, document.file).at_if(place));
            continue;
        };
        let text = match project.text(&path) {
            Ok(text) => text,
            Err(error) => {
                issues.push(unreadable(&path, error, document.file, place));
                continue;
            }
        };
        match json::parse(&path, &text) {
            Ok(found) if name == "themeLocation" => theme = found.members,
            Ok(_) => {}
            Err(issue) => issues.push(*issue),
        }
    }
    theme
}

/// The words for a path that cannot be followed.
pub(crate) fn outside(written: &str, file: &str) -> Issue {
    Issue::error(IssueCode::BadPath, file).says(
        format!("路径 “{written}” 超出小程序文件夹，或含有不允许的字符；请改正。"),
        format!("The path \"{written}\" leaves the mini program or holds characters it may not."),
    )
}
