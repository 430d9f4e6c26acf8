//! A TOML text as a tree, every value with the line it stands on.

use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problem;
use super::tree::{Node, Origin, Table, Value};

/// Where the text was read from: gives each position its [`Origin`].
pub(super) enum Place {
    Embedded,
    Path(Arc<Path>),
}

struct Text<'a> {
    place: &'a Place,
    text: &'a str,
}

/// All syntax errors at once, or the tree. Messages never quote the text: a line may hold a secret.
pub(super) fn parse(place: &Place, text: &str) -> Result<Node, Vec<Problem>> {
    let source = Text { place, text };
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(source.table(table.get_ref(), 0));
    }
    let problem = |error: toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start);
        Problem::at(
            &source.origin(start),
            "",
            format!("not valid TOML: {}", error.message()),
        )
    };
    Err(errors.into_iter().map(problem).collect())
}

impl Text<'_> {
    fn origin(&self, offset: usize) -> Origin {
        match self.place {
            Place::Embedded => Origin::Default,
            Place::Path(path) => {
                let before = self.text.bytes().take(offset);
                let line = before.filter(|byte| *byte == b'\n').count() + 1;
                Origin::File {
                    path: Arc::clone(path),
                    line,
                }
            }
        }
    }

    fn table(&self, table: &DeTable<'_>, offset: usize) -> Node {
        let member = |(name, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let name: &std::borrow::Cow<'_, str> = name.get_ref();
            (name.to_string(), self.node(value))
        };
        let entries: Table = table.iter().map(member).collect();
        Node::new(Value::Table(entries), self.origin(offset))
    }

    fn node(&self, value: &Spanned<DeValue<'_>>) -> Node {
        let start = value.span().start;
        let leaf = match value.get_ref() {
            DeValue::Table(table) => return self.table(table, start),
            DeValue::Array(items) => {
                Value::List(items.iter().map(|item| self.node(item)).collect())
            }
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Boolean(truth) => Value::Truth(*truth),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or(Value::Other("a number that is too large"), Value::Whole),
            DeValue::Float(_) => Value::Other("a fraction"),
            DeValue::Datetime(_) => Value::Other("a date"),
        };
        Node::new(leaf, self.origin(start))
    }
}
