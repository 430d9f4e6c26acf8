//! Takes typed values out of the merged tree, and collects what is wrong instead of stopping.
//!
//! Each getter notes the name it was asked for, so that what is left over in a section is unknown
//! by construction, and the list of settings can never drift from the code that reads them.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use secrecy::SecretString;

use super::env;
use super::nearest::nearest;
use super::problem::Problem;
use super::tree::{Node, Origin, Table, Value, number};

/// Secrets are keys and passwords; a file of this size is the wrong file.
const MAX_SECRET_FILE_BYTES: u64 = 64 * 1024;

/// What is shown instead of a secret.
const HIDDEN: &str = "***";

/// One value and where it came from, for `shouyin config check`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub key: String,
    /// Never a secret.
    pub shown: String,
    pub origin: Origin,
}

/// What reading the whole tree has brought to light.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) problems: Vec<Problem>,
    pub(super) settings: Vec<Setting>,
    /// Every name that was asked for, dotted, list members as `0`.
    pub(super) known: Vec<String>,
}

pub(super) type Shared = Rc<RefCell<Findings>>;

/// A value that was present, with its place for later complaints.
#[derive(Clone)]
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) origin: Origin,
}

/// One section of the tree. Call [`Section::finish`] after the last getter.
pub(super) struct Section {
    path: String,
    entries: Table,
    asked: Vec<&'static str>,
    findings: Shared,
}

impl Section {
    pub(super) fn root(tree: Node, findings: &Shared) -> Section {
        Section::from_node(String::new(), tree, findings)
    }

    fn from_node(path: String, node: Node, findings: &Shared) -> Section {
        let findings = Rc::clone(findings);
        let mut section = Section {
            path,
            entries: Table::new(),
            asked: Vec::new(),
            findings,
        };
        match node.value {
            Value::Table(entries) => section.entries = entries,
            other => {
                let message = format!("expected a section, found {}", other.kind());
                section.complain(Problem::at(&node.origin, &section.path, message));
            }
        }
        section
    }

    /// The dotted name of a setting in this section.
    pub(super) fn key(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    pub(super) fn complain(&self, problem: Problem) {
        self.findings.borrow_mut().problems.push(problem);
    }

    fn ask(&mut self, name: &'static str) -> Option<Node> {
        self.findings.borrow_mut().known.push(self.key(name));
        self.asked.push(name);
        self.entries.remove(name)
    }

    fn note(&self, name: &str, origin: &Origin, shown: impl Into<String>) {
        let setting = Setting {
            key: self.key(name),
            shown: shown.into(),
            origin: origin.clone(),
        };
        self.findings.borrow_mut().settings.push(setting);
    }

    fn wrong_kind(&self, name: &str, node: &Node, expected: &str) {
        let message = format!("expected {expected}, found {}", node.value.kind());
        self.complain(Problem::at(&node.origin, &self.key(name), message));
    }

    pub(super) fn section(&mut self, name: &'static str) -> Section {
        self.asked.push(name);
        let empty = Node::new(Value::Table(Table::new()), Origin::Default);
        let node = self.entries.remove(name).unwrap_or(empty);
        Section::from_node(self.key(name), node, &self.findings)
    }

    /// Every member of a section whose names the operator chooses.
    pub(super) fn named_sections(mut self) -> Vec<(String, Section)> {
        let entries = std::mem::take(&mut self.entries);
        let open = |(name, node): (String, Node)| {
            let section = Section::from_node(self.key(&name), node, &self.findings);
            (name, section)
        };
        entries.into_iter().map(open).collect()
    }

    /// The members of a list of sections, also when single ones were set by number.
    pub(super) fn list(&mut self, name: &'static str) -> Vec<Section> {
        let Some(node) = self.ask(name) else {
            return Vec::new();
        };
        let mut members = match node.value {
            Value::List(items) => number(items),
            Value::Table(entries) => entries,
            Value::Text(_) | Value::Whole(_) | Value::Truth(_) | Value::Other(_) => {
                self.wrong_kind(name, &node, "a list of sections");
                return Vec::new();
            }
        };
        let list = self.key(name);
        let count = members.len();
        let mut take = |index: usize| members.remove(&index.to_string()).map(|node| (index, node));
        let items: Vec<_> = (0..count).map_while(&mut take).collect();
        if let Some((stray, node)) = members.pop_first() {
            let message = format!("list members are numbered 0, 1, 2, …; `{stray}` is out of line");
            self.complain(Problem::at(&node.origin, &list, message));
        }
        let open =
            |(index, node)| Section::from_node(format!("{list}.{index}"), node, &self.findings);
        items.into_iter().map(open).collect()
    }

    /// Text; absent when it is not given or empty.
    pub(super) fn optional_text(&mut self, name: &'static str) -> Option<Found<String>> {
        let node = self.ask(name)?;
        let found = self.text_of(name, node)?;
        self.note(name, &found.origin, format!("{:?}", found.value));
        (!found.value.trim().is_empty()).then_some(found)
    }

    pub(super) fn text(&mut self, name: &'static str) -> Option<Found<String>> {
        let before = self.problem_count();
        let found = self.optional_text(name);
        if found.is_none() && self.problem_count() == before {
            self.missing(name, "is required");
        }
        found
    }

    /// A list of texts; the environment and flags may give one text alone.
    pub(super) fn texts(&mut self, name: &'static str) -> Vec<Found<String>> {
        let Some(node) = self.ask(name) else {
            return Vec::new();
        };
        let origin = node.origin.clone();
        let items = match node.value {
            Value::List(items) => items,
            Value::Text(_) if origin.is_text_only() => vec![node],
            Value::Text(_)
            | Value::Whole(_)
            | Value::Truth(_)
            | Value::Other(_)
            | Value::Table(_) => {
                self.wrong_kind(name, &node, "a list of texts");
                return Vec::new();
            }
        };
        let read = |item| self.text_of(name, item);
        let texts: Vec<_> = items.into_iter().filter_map(read).collect();
        let shown: Vec<_> = texts.iter().map(|text| text.value.as_str()).collect();
        self.note(name, &origin, format!("{shown:?}"));
        texts
    }

    pub(super) fn problem_count(&self) -> usize {
        self.findings.borrow().problems.len()
    }

    pub(super) fn missing(&self, name: &str, why: &str) {
        let key = self.key(name);
        let message = format!("{why}; set it in the file or as {}", env::spelling(&key));
        self.complain(Problem::absent(&key, message));
    }

    /// A whole number within `range`; any number when that fails, since a problem is noted.
    pub(super) fn whole(&mut self, name: &'static str, range: RangeInclusive<u32>) -> u32 {
        let Some(node) = self.ask(name) else {
            self.missing(name, "is required");
            return *range.start();
        };
        let Some(number) = node.whole() else {
            self.wrong_kind(name, &node, "a whole number");
            return *range.start();
        };
        self.note(name, &node.origin, number.to_string());
        match u32::try_from(number) {
            Ok(number) if range.contains(&number) => number,
            _ => {
                let (from, to) = (range.start(), range.end());
                let message = format!("must be from {from} to {to}, not {number}");
                self.complain(Problem::at(&node.origin, &self.key(name), message));
                *range.start()
            }
        }
    }

    /// Yes or no; no when that fails, since a problem is noted.
    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        let Some(node) = self.ask(name) else {
            self.missing(name, "is required");
            return false;
        };
        let Some(flag) = node.flag() else {
            self.wrong_kind(name, &node, "true or false");
            return false;
        };
        self.note(name, &node.origin, flag.to_string());
        flag
    }

    /// A secret: from `name`, or from the file that `name_file` names. `show` says what may be
    /// printed about it; secrets that are wholly secret pass [`hidden`].
    pub(super) fn optional_secret(
        &mut self,
        name: &'static str,
        file_name: &'static str,
        show: fn(&str) -> String,
    ) -> Option<Found<SecretString>> {
        let (given, file) = (self.ask(name), self.ask(file_name));
        let (given, file) = match (given, file) {
            (Some(given), Some(file)) => self.higher(name, given, file_name, file),
            other => other,
        };
        let found = match (given, file) {
            (Some(given), _) => self.secret_text(name, given)?,
            (None, Some(file)) => self.secret_file(file_name, file)?,
            (None, None) => return None,
        };
        self.note(name, &found.origin, show(&found.value));
        Some(Found {
            value: SecretString::from(found.value),
            origin: found.origin,
        })
    }

    pub(super) fn secret(
        &mut self,
        name: &'static str,
        file_name: &'static str,
        show: fn(&str) -> String,
    ) -> Option<Found<SecretString>> {
        let before = self.problem_count();
        let found = self.optional_secret(name, file_name, show);
        if found.is_none() && self.problem_count() == before {
            let file_key = self.key(file_name);
            let why = format!("is required, here or by the path of a file in {file_key}");
            self.missing(name, &why);
        }
        found
    }

    /// A higher layer wins over the other spelling of a lower one; in one layer, both contradict.
    fn higher(
        &self,
        name: &str,
        given: Node,
        file_name: &str,
        file: Node,
    ) -> (Option<Node>, Option<Node>) {
        match given.origin.rank().cmp(&file.origin.rank()) {
            std::cmp::Ordering::Greater => (Some(given), None),
            std::cmp::Ordering::Less => (None, Some(file)),
            std::cmp::Ordering::Equal => {
                let message = format!("`{file_name}` is given as well ({}); keep one", file.origin);
                self.complain(Problem::at(&given.origin, &self.key(name), message));
                (Some(given), None)
            }
        }
    }

    /// Blank is the same as absent.
    fn secret_text(&self, name: &str, node: Node) -> Option<Found<String>> {
        self.text_of(name, node)
            .filter(|found| !found.value.trim().is_empty())
    }

    fn text_of(&self, name: &str, node: Node) -> Option<Found<String>> {
        let Some(text) = node.text() else {
            self.wrong_kind(name, &node, "text in quotes");
            return None;
        };
        Some(Found {
            value: text.to_owned(),
            origin: node.origin,
        })
    }

    fn secret_file(&self, name: &str, node: Node) -> Option<Found<String>> {
        let found = self.secret_text(name, node)?;
        let path = beside(&found.origin, Path::new(&found.value));
        match read_secret(&path) {
            Ok(value) => Some(Found {
                value,
                origin: found.origin,
            }),
            Err(why) => {
                let message = format!("{}: {why}", path.display());
                self.complain(Problem::at(&found.origin, &self.key(name), message));
                None
            }
        }
    }

    /// Whatever nobody asked for has no meaning here.
    pub(super) fn finish(mut self) {
        for (name, node) in std::mem::take(&mut self.entries) {
            let spell = |key: String| match node.origin {
                Origin::Env(_) => env::spelling(&key),
                Origin::Default | Origin::File { .. } | Origin::Flag(_) => key,
            };
            let meant = nearest(&name, self.asked.iter().copied());
            let meant = meant.map(|meant| spell(self.key(meant)));
            let message = match meant {
                Some(meant) => format!("there is no such setting; did you mean {meant}?"),
                None => format!(
                    "there is no such setting; known here: {}",
                    self.asked.join(", ")
                ),
            };
            self.complain(Problem::at(&node.origin, &self.key(&name), message));
        }
    }
}

/// For secrets of which nothing may be shown.
pub(super) fn hidden(_: &str) -> String {
    HIDDEN.to_owned()
}

/// A relative path in a file means "beside that file"; elsewhere, "from where we were started".
pub(super) fn beside(origin: &Origin, path: &Path) -> PathBuf {
    match origin {
        Origin::File { path: file, .. } => match file.parent() {
            Some(folder) => folder.join(path),
            None => path.to_owned(),
        },
        Origin::Default | Origin::Env(_) | Origin::Flag(_) => path.to_owned(),
    }
}

fn read_secret(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !size.is_file() {
        return Err("not a file".to_owned());
    }
    if size.len() > MAX_SECRET_FILE_BYTES {
        return Err(format!(
            "larger than {MAX_SECRET_FILE_BYTES} bytes; is it the right file?"
        ));
    }
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    // Editors and `echo` end a file with a newline that is no part of the secret.
    let text = text.trim_end_matches(['\r', '\n']);
    if text.trim().is_empty() {
        Err("the file is empty".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// For keys that are public: that they are there is all there is to see.
pub(super) fn shown_pem(pem: &str) -> String {
    format!("({} bytes of PEM)", pem.len())
}
