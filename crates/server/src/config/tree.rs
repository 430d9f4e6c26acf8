//! The merged settings: a tree in which every value knows the layer that gave it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where a value came from; what an error message points at. Later variants win over earlier ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `config.default.toml`, embedded in the binary.
    Default,
    File {
        path: Arc<Path>,
        line: usize,
    },
    /// The name of the environment variable.
    Env(Arc<str>),
    /// The flag, as it is spelt on the command line.
    Flag(Arc<str>),
}

impl Origin {
    pub(super) fn rank(&self) -> u8 {
        match self {
            Origin::Default => 0,
            Origin::File { .. } => 1,
            Origin::Env(_) => 2,
            Origin::Flag(_) => 3,
        }
    }

    /// Files carry types; the environment and flags carry only text.
    pub(super) fn is_text_only(&self) -> bool {
        matches!(self, Origin::Env(_) | Origin::Flag(_))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("config.default.toml"),
            Origin::File { path, line } => write!(f, "{}:{line}", path.display()),
            Origin::Env(name) => write!(f, "environment variable {name}"),
            Origin::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// No `Debug`: a node may hold a secret that nobody has recognised as one yet.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

#[derive(Clone)]
pub(super) enum Value {
    Text(String),
    Whole(i64),
    Truth(bool),
    Other(&'static str),
    List(Vec<Node>),
    Table(Table),
}

pub(super) type Table = BTreeMap<String, Node>;

impl Value {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "text",
            Value::Whole(_) => "a whole number",
            Value::Truth(_) => "true or false",
            Value::Other(kind) => kind,
            Value::List(_) => "a list",
            Value::Table(_) => "a section",
        }
    }
}

impl Node {
    pub(super) fn new(value: Value, origin: Origin) -> Node {
        Node { value, origin }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Whole(_)
            | Value::Truth(_)
            | Value::Other(_)
            | Value::List(_)
            | Value::Table(_) => None,
        }
    }

    /// Yes or no; files carry it as such, the environment and flags as text.
    pub(super) fn flag(&self) -> Option<bool> {
        match &self.value {
            Value::Truth(truth) => Some(*truth),
            Value::Text(text) if self.origin.is_text_only() => text.trim().parse().ok(),
            Value::Text(_)
            | Value::Whole(_)
            | Value::Other(_)
            | Value::List(_)
            | Value::Table(_) => None,
        }
    }

    /// A whole number; files carry it as one, the environment and flags as text.
    pub(super) fn whole(&self) -> Option<i64> {
        match &self.value {
            Value::Whole(number) => Some(*number),
            Value::Text(text) if self.origin.is_text_only() => text.trim().parse().ok(),
            Value::Text(_)
            | Value::Truth(_)
            | Value::Other(_)
            | Value::List(_)
            | Value::Table(_) => None,
        }
    }

    /// A tree that holds one value at the end of `path`.
    pub(super) fn at(path: &[String], value: Value, origin: &Origin) -> Node {
        let leaf = Node::new(value, origin.clone());
        path.iter().rev().fold(leaf, |node, name| {
            Node::new(
                Value::Table(Table::from([(name.clone(), node)])),
                origin.clone(),
            )
        })
    }

    /// Lays `over` on top of this node: sections join, a numbered section changes single members
    /// of a list, and anything else replaces what was there.
    pub(super) fn merge(&mut self, over: Node) {
        match (&mut self.value, over.value) {
            (Value::Table(base), Value::Table(over)) => merge_tables(base, over),
            (Value::List(base), Value::Table(over)) => {
                let mut numbered = number(std::mem::take(base));
                merge_tables(&mut numbered, over);
                self.value = Value::Table(numbered);
            }
            (_, value) => *self = Node::new(value, over.origin),
        }
    }
}

fn merge_tables(base: &mut Table, over: Table) {
    for (name, node) in over {
        match base.get_mut(&name) {
            Some(existing) => existing.merge(node),
            None => {
                base.insert(name, node);
            }
        }
    }
}

/// A list as the section `0`, `1`, …, the shape in which the environment speaks of its members.
pub(super) fn number(list: Vec<Node>) -> Table {
    list.into_iter()
        .enumerate()
        .map(|(index, node)| (index.to_string(), node))
        .collect()
}
