//! The language in which the documented members are written down: one table per call.

use super::pattern::Pattern;

/// Where a member was found; the error messages name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The JSON body.
    Body,
    /// The path.
    UriTemplate,
    /// The query string.
    Query,
}

impl Source {
    /// As it stands in messages and in `detail.location`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::UriTemplate => "uri_template",
            Self::Query => "query",
        }
    }
}

/// One documented member.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its Chinese title, which the messages quote.
    pub title: &'static str,
    /// Whether it may be left out.
    pub presence: Presence,
    /// What it may hold.
    pub rule: Rule,
}

/// Whether a member may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It must be there.
    Required,
    /// It may be left out, but not be `null`.
    Optional,
}

/// What a member may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    /// Text of so many bytes.
    Text(Text),
    /// One of these words.
    Word(&'static [&'static str]),
    /// RFC 3339 with an offset.
    Time,
    /// A whole number within bounds.
    Integer {
        /// Least.
        min: i64,
        /// Greatest.
        max: i64,
    },
    /// `true` or `false`.
    Flag,
    /// Members.
    Object(&'static [Field]),
    /// Members, and a limit on the whole as compact JSON.
    BoundedObject {
        /// Members.
        fields: &'static [Field],
        /// Bytes.
        max_bytes: usize,
    },
    /// Any number of the same.
    List(&'static Rule),
}

/// The rule for a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    /// Least number of bytes.
    pub min: usize,
    /// Greatest number of bytes.
    pub max: usize,
    /// The alphabet, if there is one.
    pub pattern: Option<Pattern>,
}

/// A member that must be there.
pub(crate) const fn required(name: &'static str, title: &'static str, rule: Rule) -> Field {
    Field {
        name,
        title,
        presence: Presence::Required,
        rule,
    }
}

/// A member that may be left out.
pub(crate) const fn optional(name: &'static str, title: &'static str, rule: Rule) -> Field {
    Field {
        name,
        title,
        presence: Presence::Optional,
        rule,
    }
}

/// Text of `min` to `max` bytes.
pub(crate) const fn text(min: usize, max: usize) -> Rule {
    Rule::Text(Text {
        min,
        max,
        pattern: None,
    })
}

/// Text of `min` to `max` bytes in an alphabet.
pub(crate) const fn shaped(min: usize, max: usize, pattern: Pattern) -> Rule {
    Rule::Text(Text {
        min,
        max,
        pattern: Some(pattern),
    })
}
