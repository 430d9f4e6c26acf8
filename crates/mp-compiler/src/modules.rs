//! CommonJS modules (first form: every script of the entries and what they require).

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::issue::Issues;
use crate::paths;
use crate::project::Project;
use crate::units::{Unit, npm_places};

pub(crate) fn collect(
    project: &Project,
    units: &[Unit],
    _issues: &mut Issues,
) -> BTreeMap<String, Rc<str>> {
    let mut wanted: VecDeque<String> = VecDeque::from(["app.js".to_owned()]);
    wanted.extend(units.iter().map(|unit| format!("{}.js", unit.path)));
    let mut modules = BTreeMap::new();
    while let Some(path) = wanted.pop_front() {
        if modules.contains_key(&path) {
            continue;
        }
        let Ok(text) = project.text(&path) else {
            continue;
        };
        for part in text.split("require(").skip(1) {
            let Some(quote) = part.chars().next().filter(|c| "'\"".contains(*c)) else {
                continue;
            };
            let Some(name) = part[1..].split(quote).next() else {
                continue;
            };
            let mut places = Vec::new();
            if let Ok(place) = paths::resolve(&path, name) {
                places.push(place);
            }
            if !name.starts_with(['.', '/']) {
                places.extend(npm_places(&path, name));
            }
            let found = places
                .iter()
                .flat_map(|p| [p.clone(), format!("{p}.js"), format!("{p}/index.js")])
                .find(|p| p.ends_with(".js") && project.has(p));
            wanted.extend(found);
        }
        modules.insert(path, text);
    }
    modules
}
