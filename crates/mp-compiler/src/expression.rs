//! What stands in `{{ }}`: WeChat's `wcc` understands less than its successor.

use std::collections::BTreeSet;

use crate::issue::IssueCode;
use crate::lexer::{Kind, Token, lex};
use crate::limits::{MAX_EXPRESSION_CHARS, MAX_EXPRESSION_NESTING};
use crate::scan::expression_end;

/// Where an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Where {
    Text,
    Attribute,
    /// `data` of `<template is>`: the members of an object, without its braces.
    TemplateData,
}

pub(crate) struct Context<'a> {
    pub(crate) position: Where,
    /// Names of WXS modules, the only things that have functions.
    pub(crate) modules: &'a BTreeSet<&'a str>,
}

/// One complaint, at an offset of the text that was looked through.
pub(crate) struct Finding {
    pub(crate) at: usize,
    pub(crate) code: IssueCode,
    pub(crate) serious: bool,
    pub(crate) zh: String,
    pub(crate) en: String,
}

#[derive(Default)]
pub(crate) struct Found {
    pub(crate) findings: Vec<Finding>,
    /// Where an expression passes the bounds, which its compiler must not see.
    pub(crate) too_deep: Option<usize>,
}

/// Refused by `wcc`, accepted or not by the compiler behind us.
const REFUSED_WORDS: [&str; 12] = [
    "typeof",
    "void",
    "instanceof",
    "in",
    "new",
    "delete",
    "function",
    "await",
    "yield",
    "async",
    "class",
    "let",
];
const REFUSED_MARKS: [&str; 15] = [
    "??", "?.", "=>", "**", "++", "--", "=", "==>", "**=", "??=", "&&=", "||=", "<<=", ">>=", ";",
];

/// Every expression of a text or a value.
pub(crate) fn check_all(text: &str, context: &Context<'_>) -> Found {
    let mut found = Found::default();
    let mut from = 0;
    while let Some(offset) = text.get(from..).and_then(|rest| rest.find("{{")) {
        let start = from + offset + 2;
        let Some(end) = expression_end(text, start) else {
            found.unclosed(text, start);
            return found;
        };
        let inner = text.get(start..end).unwrap_or_default();
        found.check(inner, start, context);
        from = end + 2;
    }
    found
}

impl Found {
    fn say(&mut self, code: IssueCode, at: usize, zh: impl Into<String>, en: impl Into<String>) {
        self.findings.push(Finding {
            at,
            code,
            serious: true,
            zh: zh.into(),
            en: en.into(),
        });
    }

    fn warn(&mut self, code: IssueCode, at: usize, zh: &str, en: &str) {
        self.say(code, at, zh, en);
        if let Some(finding) = self.findings.last_mut() {
            finding.serious = false;
        }
    }

    fn unclosed(&mut self, text: &str, start: usize) {
        let rest = text.get(start..).unwrap_or_default();
        // Also when it is merely long, the compiler must not try.
        if rest.chars().count() > MAX_EXPRESSION_CHARS || deep(rest) {
            self.too_deep = Some(start);
            return;
        }
        self.say(
            IssueCode::WxmlSyntax,
            start.saturating_sub(2),
            "{{ 没有正确结束；请检查 }} 和里面的引号、括号。",
            "{{ does not end rightly; check its }} and the quotes and brackets inside.",
        );
    }

    fn check(&mut self, inner: &str, start: usize, context: &Context<'_>) {
        if inner.trim().is_empty() {
            self.warn(
                IssueCode::EmptyExpression,
                start,
                "{{ }} 里是空的；请删去，或写上数据名。",
                "Nothing inside {{ }}; remove it or name a datum.",
            );
            return;
        }
        if inner.chars().count() > MAX_EXPRESSION_CHARS || deep(inner) {
            self.too_deep = Some(start);
            return;
        }
        let tokens = lex(inner).tokens;
        for (index, token) in tokens.iter().enumerate() {
            self.operator(&tokens, index, token, start, context);
            self.call(&tokens, index, token, start, context);
        }
        if let [only] = tokens.as_slice()
            && context.position == Where::Text
            && (only.is("null") || only.is("undefined"))
        {
            self.warn(
                IssueCode::NullInText,
                start,
                "{{null}} 在真机上显示 null，在这里什么也不显示；请用 ''。",
                "A phone prints {{null}} as null, this one prints nothing; use ''.",
            );
        }
    }

    fn operator(
        &mut self,
        tokens: &[Token<'_>],
        index: usize,
        token: &Token<'_>,
        start: usize,
        context: &Context<'_>,
    ) {
        if !refused(tokens, index, token, context) {
            return;
        }
        let shown: String = token.text.chars().take(20).collect();
        self.say(
            IssueCode::UnsupportedExpression,
            start + token.at,
            format!("{{{{ }}}} 里不能用 {shown}，微信会拒绝编译；请在 JS 或 WXS 里算好。"),
            format!("WeChat refuses {shown} inside {{{{ }}}}; compute it in JS or WXS."),
        );
    }

    /// `name(…)` and `a.b(…)`, where the first name is no WXS module.
    fn call(
        &mut self,
        tokens: &[Token<'_>],
        index: usize,
        token: &Token<'_>,
        start: usize,
        context: &Context<'_>,
    ) {
        let callee = index.checked_sub(1).and_then(|at| tokens.get(at));
        let called = callee.is_some_and(|one| {
            matches!(one.kind, Kind::Word | Kind::Text) || one.is("]") || one.is(")")
        });
        if !token.is("(") || !called {
            return;
        }
        let Some(root) = root_of(tokens, index) else {
            return;
        };
        if !context.modules.contains(root.text) && !refused(tokens, index - 1, root, context) {
            let name = root.text;
            self.say(
                IssueCode::CallOnData,
                start + root.at,
                format!("{{{{ }}}} 里不能调用数据的函数（{name}…()），真机上不起作用；请用 WXS 或在 JS 里算好。"),
                format!("Data has no functions on a phone ({name}…()); use WXS, or compute in JS."),
            );
        }
    }
}

fn refused(tokens: &[Token<'_>], index: usize, token: &Token<'_>, context: &Context<'_>) -> bool {
    let before = index.checked_sub(1).and_then(|at| tokens.get(at));
    let member = before.is_some_and(|one| one.is("."));
    let key = tokens.get(index + 1).is_some_and(|one| one.is(":"));
    match token.kind {
        Kind::Template | Kind::Regex => true,
        Kind::Word => !member && !key && REFUSED_WORDS.contains(&token.text),
        Kind::Mark if token.text == "..." => !spreads(tokens, token, context),
        Kind::Mark if token.text == "," => {
            token.depth == 0 && context.position != Where::TemplateData
        }
        Kind::Mark => REFUSED_MARKS.contains(&token.text),
        Kind::Number | Kind::Text => false,
    }
}

/// `...` spreads objects only: in the data of a template, or between braces.
fn spreads(tokens: &[Token<'_>], token: &Token<'_>, context: &Context<'_>) -> bool {
    let Some(outer) = token.depth.checked_sub(1) else {
        return context.position == Where::TemplateData;
    };
    let before = tokens.iter().take_while(|one| one.at < token.at);
    let bracket = before.filter(|one| one.depth == outer && one.kind == Kind::Mark);
    bracket.last().is_some_and(|one| one.text == "{")
}

/// The first name of `a.b[c](…)`, from the parenthesis backwards.
fn root_of<'a, 't>(tokens: &'a [Token<'t>], parenthesis: usize) -> Option<&'a Token<'t>> {
    let depth = tokens.get(parenthesis)?.depth;
    let mut root = None;
    let mut wants_name = true;
    for token in tokens.get(..parenthesis)?.iter().rev() {
        if token.depth > depth
            || (token.depth == depth && matches!(token.text, "]" | ")" | "[" | "("))
        {
            continue;
        }
        if token.depth < depth {
            break;
        }
        match token.kind {
            Kind::Word if wants_name => {
                root = Some(token);
                wants_name = false;
            }
            Kind::Mark if token.text == "." => wants_name = true,
            _ => break,
        }
    }
    root
}

/// Brackets inside each other, and operators that the compiler climbs down for: `!`, `-`, `?`.
fn deep(inner: &str) -> bool {
    let mut depth = 0_usize;
    let mut deepest = 0;
    let mut row = 0_usize;
    let mut longest_row = 0;
    for c in inner.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        row = match c {
            '!' | '-' | '+' | '~' | '?' => row + 1,
            _ if c.is_whitespace() => row,
            _ => 0,
        };
        deepest = deepest.max(depth);
        longest_row = longest_row.max(row);
    }
    let questions = inner.matches('?').count();
    deepest.max(longest_row).max(questions) > MAX_EXPRESSION_NESTING
}
