//! Pages and components: which there are, what their JSON says, and which component each tag means.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value};

use crate::app::{APP_JSON, App, WINDOW, outside};
use crate::issue::{Issue, IssueCode, Issues, Place};
use crate::json::{self, Document, Kind};
use crate::paths;
use crate::project::{Project, ReadError, unreadable};
use crate::tab_bar;

/// A page, a component, or something that is both.
pub(crate) struct Unit {
    /// Without suffix: `pages/goods/index`.
    pub(crate) path: String,
    pub(crate) is_page: bool,
    pub(crate) is_component: bool,
    pub(crate) json: Map<String, Value>,
    /// Tag to component path.
    pub(crate) components: BTreeMap<String, String>,
    /// Generic name to the component that stands in when none is given.
    pub(crate) generics: BTreeMap<String, String>,
}

const MEMBERS: &[(&str, Kind)] = &[
    ("component", Kind::Flag),
    ("usingComponents", Kind::Object),
    ("componentGenerics", Kind::Object),
    ("componentPlaceholder", Kind::Object),
    ("styleIsolation", Kind::Text),
];

/// Starts at the pages and follows `usingComponents`. Sorted by path.
pub(crate) fn collect(project: &Project, app: &App, issues: &mut Issues) -> Vec<Unit> {
    let app_text = project.text(APP_JSON).unwrap_or_default();
    let app_document = Document {
        file: APP_JSON,
        text: &app_text,
        members: app.json.clone(),
    };
    let global = components_of(project, &app_document, "usingComponents", issues);
    let mut wanted: VecDeque<String> = app.pages.iter().cloned().collect();
    wanted.extend(global.values().cloned());
    let bar = tab_bar::is_custom(&app.json).then(|| tab_bar::CUSTOM.to_owned());
    wanted.extend(bar.clone());
    let pages: BTreeSet<&String> = app.pages.iter().collect();
    let mut as_component: BTreeSet<String> = global.values().cloned().chain(bar).collect();
    let mut units: BTreeMap<String, Unit> = BTreeMap::new();
    // Ends, since each path is taken once and paths are files that exist.
    while let Some(path) = wanted.pop_front() {
        if units.contains_key(&path) {
            continue;
        }
        let is_page = pages.contains(&path);
        let mut unit = read_unit(project, path, is_page, issues);
        let own = unit.components.values().chain(unit.generics.values());
        let own: Vec<String> = own.cloned().collect();
        as_component.extend(own.iter().cloned());
        wanted.extend(own);
        for (tag, component) in &global {
            let entry = unit.components.entry(tag.clone());
            entry.or_insert_with(|| component.clone());
        }
        units.insert(unit.path.clone(), unit);
    }
    for unit in units.values_mut() {
        unit.is_component = as_component.contains(&unit.path);
        if unit.is_component && unit.json.get("component") != Some(&Value::Bool(true)) {
            issues.push(not_a_component(&unit.path));
        }
    }
    units.into_values().collect()
}

fn not_a_component(path: &str) -> Issue {
    let file = format!("{path}.json");
    Issue::error(IssueCode::NotAComponent, &file).says(
        format!("{path} 被当作组件使用，但 {file} 里没有 \"component\": true；请加上。"),
        format!("{path} is used as a component, but {file} does not say \"component\": true."),
    )
}

fn read_unit(project: &Project, path: String, is_page: bool, issues: &mut Issues) -> Unit {
    for suffix in ["wxml", "js"] {
        let file = format!("{path}.{suffix}");
        if let Err(error) = project.text(&file) {
            let named_in = if is_page { APP_JSON } else { file.as_str() };
            let place = is_page.then(|| place_of_page(project, &path)).flatten();
            issues.push(match typescript(project, &path, suffix) {
                Some(issue) => issue.at_if(place),
                None => unreadable(&file, error, named_in, place),
            });
        }
    }
    let file = format!("{path}.json");
    let mut unit = Unit {
        path,
        is_page,
        is_component: false,
        json: Map::new(),
        components: BTreeMap::new(),
        generics: BTreeMap::new(),
    };
    let text = match project.text(&file) {
        Ok(text) => text,
        // A page need not have one; a component without is reported as no component.
        Err(ReadError::Missing) => return unit,
        Err(error) => {
            issues.push(unreadable(&file, error, &file, None));
            return unit;
        }
    };
    match json::parse(&file, &text) {
        Ok(document) => {
            issues.extend(document.check(&document.members, MEMBERS));
            issues.extend(document.check(&document.members, WINDOW));
            unit.components = components_of(project, &document, "usingComponents", issues);
            unit.generics = components_of(project, &document, "componentGenerics", issues);
            unit.json = document.members;
        }
        Err(issue) => issues.push(*issue),
    }
    unit
}

/// DevTools translates TypeScript by a plugin of its own.
fn typescript(project: &Project, path: &str, suffix: &str) -> Option<Issue> {
    let file = format!("{path}.ts");
    (suffix == "js" && project.has(&file)).then(|| {
        Issue::error(IssueCode::MissingFile, &file).says(
            format!("这里不转译 TypeScript：请先用 tsc 生成 {path}.js。"),
            format!("TypeScript is not translated here: make {path}.js with tsc first."),
        )
    })
}

fn place_of_page(project: &Project, path: &str) -> Option<Place> {
    let text = project.text(APP_JSON).ok()?;
    let at = text.find(&format!("\"{path}\""))?;
    Some(Place::of(&text, at))
}

/// The paths in `usingComponents`, or the defaults in `componentGenerics`, followed.
fn components_of(
    project: &Project,
    document: &Document<'_>,
    member: &str,
    issues: &mut Issues,
) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let listed = document.members.get(member).and_then(Value::as_object);
    for (tag, value) in listed.into_iter().flatten() {
        let written = match value {
            Value::String(written) => written.as_str(),
            // `true`: the user of the component must name one.
            Value::Bool(_) if member == "componentGenerics" => continue,
            Value::Object(generic) => match generic.get("default").and_then(Value::as_str) {
                Some(written) => written,
                None => continue,
            },
            _ => {
                issues.push(document.wrong_type(tag, "组件路径（字符串）", "a component's path"));
                continue;
            }
        };
        match find_component(project, document.file, written) {
            Ok(path) => {
                found.insert(tag.clone(), path);
            }
            Err(issue) => {
                let place = document.place_of(tag);
                issues.push(issue.at_if(place));
            }
        }
    }
    found
}

/// Absolute, relative, or in `miniprogram_npm`; the path of the component, without suffix.
fn find_component(project: &Project, from: &str, written: &str) -> Result<String, Issue> {
    if written.contains("://") {
        return Err(Issue::error(IssueCode::MissingComponent, from).says(
            format!("“{written}”：虚拟手机不支持插件和扩展库里的组件；请改用本地或 npm 组件。"),
            format!("\"{written}\": plugins and extended libraries are not supported here."),
        ));
    }
    let nearby = paths::resolve(from, written).map_err(|_| outside(written, from))?;
    if is_component(project, &nearby) {
        return Ok(nearby);
    }
    let bare = !written.starts_with(['.', '/']);
    if let Some(path) = bare.then(|| in_npm(project, from, written)).flatten() {
        return Ok(path);
    }
    let hint_zh = if bare {
        "；npm 组件须先“构建 npm”到 miniprogram_npm"
    } else {
        ""
    };
    let hint_en = if bare {
        "; build npm first, into miniprogram_npm"
    } else {
        ""
    };
    Err(Issue::error(IssueCode::MissingComponent, from).says(
        format!("找不到组件 “{written}”（{nearby}.json 不存在）；请检查路径{hint_zh}。"),
        format!("No component \"{written}\" ({nearby}.json is missing); check the path{hint_en}."),
    ))
}

fn is_component(project: &Project, path: &str) -> bool {
    project.has(&format!("{path}.json")) || project.has(&format!("{path}.js"))
}

/// `weui/cell/cell`, or `weui` for its `index`, in the nearest `miniprogram_npm` above.
fn in_npm(project: &Project, from: &str, written: &str) -> Option<String> {
    npm_places(from, written)
        .flat_map(|path| [path.clone(), format!("{path}/index")])
        .find(|path| is_component(project, path))
}

/// Where a bare name is looked for: in `miniprogram_npm` of each folder from that of `from` up.
pub(crate) fn npm_places<'a>(from: &'a str, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let first = Some(paths::folder(from));
    let folders = std::iter::successors(first, |folder| {
        (!folder.is_empty()).then(|| paths::folder(folder))
    });
    folders.filter_map(move |folder| paths::join(folder, &format!("miniprogram_npm/{name}")).ok())
}
