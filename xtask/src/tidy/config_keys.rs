//! `config.default.toml` is the manual: every key that the configuration can hold stands in it,
//! set or commented out.

use std::collections::BTreeMap;

use super::Finding;
use super::source::views;
use super::tree::{File, Tree};

const STRUCTS: &str = "crates/server/src/config/";
const MANUAL: &str = "crates/server/src/config.default.toml";
const ROOT: &str = "Config";
/// Stands for a name that the operator chooses, as in `[merchants.<key>]`.
const ANY: &str = "*";

/// A key's path, and where its field is.
struct Key<'a> {
    path: Vec<String>,
    file: &'a str,
    line: usize,
}

struct Field<'a> {
    name: String,
    kind: String,
    file: &'a str,
    line: usize,
}

type Structs<'a> = BTreeMap<String, Vec<Field<'a>>>;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let structs: Structs<'_> = tree
        .under(STRUCTS)
        .filter(|file| file.is("rs"))
        .flat_map(structs_of)
        .collect();
    let mut keys = Vec::new();
    collect(&structs, ROOT, &[], &mut keys);
    if keys.is_empty() {
        return Vec::new();
    }
    let Some(manual) = tree.get(MANUAL) else {
        return vec![Finding::new(
            MANUAL,
            1,
            "is missing; write every configuration key into it",
        )];
    };
    let documented = documented_in(manual);
    let missing = keys
        .iter()
        .filter(|key| !documented.iter().any(|path| matches(&key.path, path)));
    missing
        .map(|key| {
            let path = key.path.join(".").replace(ANY, "<key>");
            let what = format!("`{path}` is not in {MANUAL}; add it there, with what it is for");
            Finding::new(key.file, key.line, what)
        })
        .collect()
}

/// Walks from a struct to the leaves. A field whose type names another struct is a section.
fn collect<'a>(structs: &Structs<'a>, name: &str, path: &[String], keys: &mut Vec<Key<'a>>) {
    for field in structs.get(name).into_iter().flatten() {
        let mut path = path.to_vec();
        path.push(field.name.clone());
        let words = field.kind.split(|c: char| !c.is_alphanumeric() && c != '_');
        let section = words
            .into_iter()
            .find(|word| structs.contains_key(*word) && *word != name);
        match section {
            Some(section) => {
                if field.kind.contains("Map<") {
                    path.push(ANY.to_owned());
                }
                collect(structs, section, &path, keys);
            }
            None => keys.push(Key {
                path,
                file: field.file,
                line: field.line,
            }),
        }
    }
}

/// `pub struct Name { pub field: Type, … }`, as rustfmt lays it out.
fn structs_of(file: &File) -> Vec<(String, Vec<Field<'_>>)> {
    let code = views(&file.text).code;
    let mut structs: Vec<(String, Vec<Field<'_>>)> = Vec::new();
    let mut open = false;
    for (index, line) in code.lines().enumerate() {
        if let Some(rest) = line.strip_prefix("pub struct ")
            && let Some(name) = rest.trim_end().strip_suffix(" {")
        {
            structs.push((name.to_owned(), Vec::new()));
            open = true;
        } else if line.starts_with('}') {
            open = false;
        } else if open
            && let Some((name, kind)) = line
                .trim()
                .strip_prefix("pub ")
                .and_then(|f| f.split_once(": "))
            && let Some((_, fields)) = structs.last_mut()
        {
            let (name, kind) = (name.to_owned(), kind.trim_end_matches(',').to_owned());
            fields.push(Field {
                name,
                kind,
                file: &file.path,
                line: index + 1,
            });
        }
    }
    structs
}

/// The paths of all keys of the manual, whether set or commented out.
fn documented_in(manual: &File) -> Vec<Vec<String>> {
    let mut section: Vec<String> = Vec::new();
    let mut paths = Vec::new();
    for (_, line) in manual.lines() {
        let line = line.trim().trim_start_matches('#').trim();
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            let names = header.0.trim_start_matches('[').split('.');
            section = names
                .map(|name| name.trim_matches('"').to_owned())
                .collect();
        } else if let Some((key, _)) = line.split_once('=') {
            let mut path = section.clone();
            path.push(key.trim().to_owned());
            paths.push(path);
        }
    }
    paths
}

/// A secret may stand there by the name of its file alone, with `_file` behind it.
fn matches(key: &[String], documented: &[String]) -> bool {
    key.len() == documented.len()
        && key
            .iter()
            .zip(documented)
            .enumerate()
            .all(|(index, (key, there))| {
                let last = index + 1 == documented.len();
                key == ANY || key == there || (last && there.strip_suffix("_file") == Some(key))
            })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r"
pub struct Config {
    pub server: Server,
    pub merchants: BTreeMap<String, Merchant>,
}
pub struct Server {
    /// Doc.
    pub listen: SocketAddr,
    pub grace_s: u32,
}
pub struct Merchant {
    pub private_key: SecretString,
    pub apps: Vec<App>,
}
pub struct App {
    pub app_id: String,
}
";

    fn found(manual: &str) -> Vec<String> {
        let tree = Tree::of(&[
            ("crates/server/src/config/mod.rs", SOURCE),
            (MANUAL, manual),
        ]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_key_that_is_not_in_the_manual_is_found() {
        let manual = "[server]\nlisten = \"…\"\n# [merchants.default]\n# private_key_file = \"…\"\n\
                      # [[merchants.default.apps]]\n# app_id = \"…\"\n";
        let found = found(manual);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("crates/server/src/config/mod.rs:9: `server.grace_s` is not"));
    }

    #[test]
    fn a_key_in_another_section_does_not_count() {
        let manual = "grace_s = 1\n[server]\nlisten = 1\n[merchants.x]\nprivate_key = 1\n\
                      [[merchants.x.apps]]\napp_id = 1\n";
        assert_eq!(found(manual).len(), 1);
    }
}
