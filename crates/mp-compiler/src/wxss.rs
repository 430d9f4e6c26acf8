//! One style sheet with everything it imports, ready for the compiler.

use std::collections::BTreeSet;

use crate::app::outside;
use crate::issue::{Issue, IssueCode, Issues, Place};
use crate::limits::{MAX_IMPORT_DEPTH, MAX_NESTING, MAX_SHEET_BYTES};
use crate::paths;
use crate::project::{Project, ReadError, unreadable};
use crate::selectors::{self, Keyframes};
use crate::sheet::{Fault, Piece, cut, without_comments};

/// Whose style sheet it is, which decides what its selectors may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    App,
    Page,
    Component,
}

/// Reads style sheets, checks each once, and puts the imported ones in place.
pub(crate) struct Reader<'a> {
    project: &'a Project,
    pub(crate) issues: &'a mut Issues,
    checked: BTreeSet<(String, Owner)>,
    keyframes: Keyframes,
    /// The sheets that are being read, each imported by the one before.
    chain: Vec<String>,
    bytes: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(project: &'a Project, issues: &'a mut Issues) -> Self {
        Self {
            project,
            issues,
            checked: BTreeSet::new(),
            keyframes: Keyframes::default(),
            chain: Vec::new(),
            bytes: 0,
        }
    }

    /// The whole of a style sheet; nothing if there is none, since nobody must have one.
    pub(crate) fn read(&mut self, file: &str, owner: Owner) -> String {
        self.chain.clear();
        self.bytes = 0;
        match self.project.text(file) {
            Ok(text) => self.inline(file, &text, owner),
            Err(ReadError::Missing) => String::new(),
            Err(error) => {
                self.issues.push(unreadable(file, error, file, None));
                String::new()
            }
        }
    }

    fn inline(&mut self, file: &str, text: &str, owner: Owner) -> String {
        let plain = match without_comments(text) {
            Ok(plain) => plain,
            Err((fault, at)) => return self.broken(file, text, fault, at),
        };
        let pieces = match cut(&plain, MAX_NESTING) {
            Ok(pieces) => pieces,
            Err((fault, at)) => return self.broken(file, text, fault, at),
        };
        if self.checked.insert((file.to_owned(), owner)) {
            selectors::check(file, text, &pieces, owner, &mut self.keyframes, self.issues);
        }
        self.chain.push(file.to_owned());
        let mut out = String::new();
        let mut copied = 0;
        let mut depth = 0_usize;
        for piece in &pieces {
            match piece {
                Piece::Prelude { text: prelude, at } => {
                    depth += 1;
                    if !prelude.starts_with('@') {
                        out.push_str(plain.get(copied..*at).unwrap_or_default());
                        out.push_str(&selectors::renamed(prelude));
                        copied = at + prelude.len();
                    }
                }
                Piece::End => depth = depth.saturating_sub(1),
                Piece::Line { text: line, at } if depth == 0 && line.starts_with('@') => {
                    out.push_str(plain.get(copied..*at).unwrap_or_default());
                    copied = at + line.len();
                    // Its semicolon stays behind and would spoil the next rule.
                    copied += usize::from(plain.get(copied..).is_some_and(|r| r.starts_with(';')));
                    out.push_str(&self.statement(file, Place::of(text, *at), line, owner));
                }
                Piece::Line { .. } => {}
            }
        }
        out.push_str(plain.get(copied..).unwrap_or_default());
        self.chain.pop();
        out
    }

    /// `@import`; other at-rules without a block mean nothing here.
    fn statement(&mut self, file: &str, place: Place, line: &str, owner: Owner) -> String {
        let Some(rest) = line.strip_prefix("@import") else {
            return String::new();
        };
        let Some((written, media)) = import_of(rest) else {
            let issue = Issue::error(IssueCode::WxssSyntax, file).at(place);
            self.issues.push(issue.says(
                "@import 应写成 @import \"./x.wxss\";",
                "@import is written @import \"./x.wxss\";",
            ));
            return String::new();
        };
        if written.contains("//") {
            let issue = Issue::error(IssueCode::BadPath, file).at(place);
            self.issues.push(issue.says(
                "@import 只能引入本地样式文件。",
                "@import takes local style sheets only.",
            ));
            return String::new();
        }
        let Ok(path) = paths::resolve(file, written) else {
            self.issues.push(outside(written, file).at(place));
            return String::new();
        };
        let inlined = self.imported(file, place, &path, owner);
        match media {
            "" => inlined,
            media => format!("@media {media}{{{inlined}}}"),
        }
    }

    fn imported(&mut self, file: &str, place: Place, path: &str, owner: Owner) -> String {
        if self.chain.iter().any(|one| one == path) {
            let circle = self.chain.join(" → ");
            let issue = Issue::error(IssueCode::ImportCycle, file).at(place);
            self.issues.push(issue.says(
                format!("样式循环引入：{circle} → {path}；请去掉其中一个 @import。"),
                format!("Style sheets import each other: {circle} → {path}; remove one @import."),
            ));
            return String::new();
        }
        let text = match self.project.text(path) {
            Ok(text) => text,
            Err(error) => {
                self.issues.push(unreadable(path, error, file, Some(place)));
                return String::new();
            }
        };
        self.bytes = self.bytes.saturating_add(text.len());
        if self.chain.len() >= MAX_IMPORT_DEPTH || self.bytes > MAX_SHEET_BYTES {
            let issue = Issue::error(IssueCode::LimitExceeded, file).at(place);
            self.issues.push(issue.says(
                "@import 层数超过 16，或合并后超过 4 MB；请减少引入。",
                "More than 16 levels of @import, or more than 4 MB together; import less.",
            ));
            return String::new();
        }
        self.inline(path, &text, owner)
    }

    fn broken(&mut self, file: &str, text: &str, fault: Fault, at: usize) -> String {
        let (code, zh, en) = match fault {
            Fault::Comment => (
                IssueCode::WxssSyntax,
                "注释没有结束；请补上 */。",
                "A comment does not end; add */.",
            ),
            Fault::Text => (
                IssueCode::WxssSyntax,
                "字符串没有结束；请补上引号。",
                "A string does not end; add its quote.",
            ),
            Fault::Unclosed => (
                IssueCode::WxssSyntax,
                "这个括号没有配对；请补上另一半。此文件未编译。",
                "This bracket is not closed; add its other half. The file is not compiled.",
            ),
            Fault::Unmatched => (
                IssueCode::WxssSyntax,
                "多余的括号；请删去。此文件未编译。",
                "A bracket that closes nothing; remove it. The file is not compiled.",
            ),
            Fault::Deep => (
                IssueCode::LimitExceeded,
                "括号嵌套超过 64 层；此文件未编译。",
                "More than 64 brackets inside each other; the file is not compiled.",
            ),
        };
        let issue = Issue::error(code, file).at(Place::of(text, at));
        self.issues.push(issue.says(zh, en));
        String::new()
    }
}

/// The path and the media of `"x" screen` or `url(x)`.
fn import_of(rest: &str) -> Option<(&str, &str)> {
    let rest = rest.trim();
    let (inner, media) = match rest.strip_prefix("url(") {
        Some(inner) => inner.split_once(')')?,
        None => {
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let end = rest.get(1..)?.find(quote)? + 2;
            rest.split_at_checked(end)?
        }
    };
    let path = inner.trim().trim_matches(['"', '\'']);
    (!path.is_empty()).then_some((path, media.trim()))
}
