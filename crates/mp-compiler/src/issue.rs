//! What is wrong with a mini program: where, how bad, and in words of two languages.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::limits::MAX_ISSUES;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// WeChat refuses it, or it cannot work.
    Error,
    /// It works here or there, but not the same everywhere.
    Warning,
}

/// What kind of thing is wrong. The kebab-case name is stable; see the table in the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum IssueCode {
    /// A file that is named somewhere, or that must be there, is not.
    MissingFile,
    /// A path leads out of the mini program's folder, or holds characters that paths may not have.
    BadPath,
    /// A file is there and cannot be read as text.
    UnreadableFile,
    /// Too many files, too large, or nested too deeply.
    LimitExceeded,
    /// A JSON file does not parse.
    BadJson,
    /// A member of a JSON file is missing or has the wrong type.
    WrongType,
    /// A member of `app.json` that WeChat knows and this phone does not act on.
    UnsupportedSetting,
    /// An entry of `usingComponents` leads nowhere.
    MissingComponent,
    /// What `usingComponents` names does not say `"component": true`.
    NotAComponent,
    /// `require()` of a module that does not exist.
    MissingModule,
    /// `require()` of something other than one string.
    DynamicRequire,
    /// `require()` of an absolute path, which WeChat's documentation rules out.
    AbsoluteRequire,
    /// `require()` of a local file without `./` before it.
    BareRequire,
    /// `import` or `export` in a form that is not known here.
    EsModule,
    /// A script whose brackets, strings or comments do not close.
    JsSyntax,
    /// WXML that does not parse.
    WxmlSyntax,
    /// A tag that this phone does not have.
    UnsupportedTag,
    /// An attribute, or a value of one, that this phone does not act on.
    UnsupportedAttribute,
    /// A tag that is not closed.
    MissingEndTag,
    /// An end tag without a tag.
    StrayEndTag,
    /// An attribute's value without quotes.
    UnquotedAttribute,
    /// One attribute twice on a tag.
    DuplicateAttribute,
    /// `wx:else` or `wx:elif` without a `wx:if` before it.
    ElseWithoutIf,
    /// An attribute prefix that WeChat does not know, such as `on:`.
    UnknownPrefix,
    /// `bindtap` and `catchtap` on one tag.
    TwoHandlers,
    /// `wx:for` without `wx:key`.
    MissingKey,
    /// `<template is="…">` of a template that is not defined.
    MissingTemplate,
    /// `{{}}` with nothing inside.
    EmptyExpression,
    /// An operator or form inside `{{ }}` that WeChat's compiler refuses.
    UnsupportedExpression,
    /// Double quotes inside an attribute in double quotes.
    NestedQuotes,
    /// A function call inside `{{ }}` on something that is not a WXS module.
    CallOnData,
    /// `{{null}}` or `{{undefined}}`, which print differently.
    NullInText,
    /// `&nbsp;` and the like in text.
    EntityInText,
    /// A backslash sequence in text.
    EscapeInText,
    /// WXS that does not parse.
    WxsSyntax,
    /// JavaScript that WXS does not have.
    UnsupportedWxs,
    /// WXSS that does not parse.
    WxssSyntax,
    /// Style sheets that import each other in a circle.
    ImportCycle,
    /// A selector by tag, id or attribute in a component's style sheet.
    ComponentSelector,
    /// One name of `@keyframes` in two style sheets.
    KeyframesCollision,
    /// `url()` of a local file in WXSS.
    LocalResource,
    /// The compiler of a part gave up for a reason of its own.
    CompilerFailed,
}

/// One thing to put right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// What kind it is.
    pub code: IssueCode,
    /// The file, relative to the mini program's root, with `/`; empty for the root itself.
    pub file: String,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column, from 1, in UTF-16 units as editors count.
    pub column: Option<u32>,
    /// What is wrong and what to do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl Issue {
    pub(crate) fn error(code: IssueCode, file: &str) -> Self {
        Self::new(Severity::Error, code, file)
    }

    pub(crate) fn warning(code: IssueCode, file: &str) -> Self {
        Self::new(Severity::Warning, code, file)
    }

    fn new(severity: Severity, code: IssueCode, file: &str) -> Self {
        Self {
            severity,
            code,
            file: file.to_owned(),
            line: None,
            column: None,
            zh: String::new(),
            en: String::new(),
        }
    }

    pub(crate) fn at(mut self, place: Place) -> Self {
        self.line = Some(place.line);
        self.column = Some(place.column);
        self
    }

    pub(crate) fn at_if(self, place: Option<Place>) -> Self {
        match place {
            Some(place) => self.at(place),
            None => self,
        }
    }

    pub(crate) fn says(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.zh = zh.into();
        self.en = en.into();
        self
    }
}

/// A line and a column, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Place {
    /// Where a byte offset of a text is. An offset beyond the text, or inside a character, counts
    /// up to there.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self::from_zero(
            before.matches('\n').count(),
            before[line_start..].encode_utf16().count(),
        )
    }

    /// From a line and a column that begin at 0.
    pub(crate) fn from_zero(line: usize, column: usize) -> Self {
        let one_based = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
        Self {
            line: one_based(line),
            column: one_based(column),
        }
    }
}

/// Collects issues: each once, and not without end.
#[derive(Default)]
pub(crate) struct Issues {
    list: BTreeSet<Issue>,
}

impl Issues {
    pub(crate) fn push(&mut self, issue: Issue) {
        if !self.is_full() {
            self.list.insert(issue);
        }
    }

    /// Whether something is said about this line already.
    pub(crate) fn has_at(&self, file: &str, place: Place) -> bool {
        let line = Some(place.line);
        self.list
            .iter()
            .any(|issue| issue.file == file && issue.line == line)
    }

    /// Whether looking further is worth the time.
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= MAX_ISSUES
    }

    pub(crate) fn extend(&mut self, issues: impl IntoIterator<Item = Issue>) {
        for issue in issues {
            self.push(issue);
        }
    }

    /// Errors first, then by file and line.
    pub(crate) fn finish(self) -> Vec<Issue> {
        let mut list: Vec<_> = self.list.into_iter().collect();
        list.sort_by(|a, b| {
            let key = |issue: &Issue| (issue.severity, issue.file.clone(), issue.line);
            key(a).cmp(&key(b))
        });
        if list.len() >= MAX_ISSUES {
            list.push(Issue::error(IssueCode::LimitExceeded, "").says(
                format!("只列出前 {MAX_ISSUES} 个问题；请先解决它们。"),
                format!("Only the first {MAX_ISSUES} issues are listed; solve these first."),
            ));
        }
        list
    }
}
