//! `tabBar` of `app.json`: two to five of the main pages, with words and pictures.
//! Source: developers.weixin.qq.com/miniprogram/dev/reference/configuration/app.html

use serde_json::{Map, Value};

use crate::issue::{Issue, IssueCode, Issues};
use crate::json::{Document, Kind};
use crate::paths;
use crate::project::{Project, ReadError, unreadable};

/// The component that draws the bar when `custom` is set.
pub(crate) const CUSTOM: &str = "custom-tab-bar/index";

const FEWEST: usize = 2;
const MOST: usize = 5;

const MEMBERS: &[(&str, Kind)] = &[
    ("color", Kind::Colour),
    ("selectedColor", Kind::Colour),
    ("backgroundColor", Kind::Colour),
    ("borderStyle", Kind::OneOf(&["black", "white"])),
    ("position", Kind::OneOf(&["bottom", "top"])),
    ("custom", Kind::Flag),
];
const TAB: &[(&str, Kind)] = &[
    ("pagePath", Kind::Text),
    ("text", Kind::Text),
    ("iconPath", Kind::Text),
    ("selectedIconPath", Kind::Text),
];

/// `main` are the pages outside of sub-packages.
pub(crate) fn check(
    project: &Project,
    document: &Document<'_>,
    main: &[String],
    issues: &mut Issues,
) {
    let Some(Value::Object(bar)) = document.members.get("tabBar") else {
        return;
    };
    issues.extend(document.check(bar, MEMBERS));
    let list = bar.get("list").and_then(Value::as_array);
    let tabs: Vec<&Map<String, Value>> = list
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .collect();
    if !(FEWEST..=MOST).contains(&tabs.len()) {
        issues.push(document.wrong_type("tabBar", "含 2 到 5 项的 list", "a list of 2 to 5 tabs"));
    }
    for tab in tabs {
        issues.extend(document.check(tab, TAB));
        page_is_there(document, tab, main, issues);
        for name in ["iconPath", "selectedIconPath"] {
            picture_is_there(project, document, tab.get(name), issues);
        }
    }
}

/// Whether the mini program draws its bar itself.
pub(crate) fn is_custom(app: &Map<String, Value>) -> bool {
    app.get("tabBar").and_then(|bar| bar.get("custom")) == Some(&Value::Bool(true))
}

fn page_is_there(
    document: &Document<'_>,
    tab: &Map<String, Value>,
    main: &[String],
    issues: &mut Issues,
) {
    let page = tab.get("pagePath").and_then(Value::as_str).unwrap_or("");
    if main.iter().any(|path| path == page) {
        return;
    }
    let issue = Issue::error(IssueCode::MissingFile, document.file);
    issues.push(issue.at_if(document.place_of("tabBar")).says(
        format!("tabBar 的 pagePath “{page}” 不在 pages 里（分包页面不行）；请改正。"),
        format!("\"{page}\" of tabBar is not in pages (no sub-package may hold it); correct it."),
    ));
}

fn picture_is_there(
    project: &Project,
    document: &Document<'_>,
    written: Option<&Value>,
    issues: &mut Issues,
) {
    let Some(written) = written
        .and_then(Value::as_str)
        .filter(|path| !path.is_empty())
    else {
        return;
    };
    let path = paths::join("", written).unwrap_or_else(|_| written.to_owned());
    if !project.has(&path) {
        let place = document.place_of(written);
        issues.push(unreadable(&path, ReadError::Missing, document.file, place));
    }
}
