//! WXS: the scripts that templates name, what those require, and what the language does not have.
//!
//! WXS looks like JavaScript of 2009 and is less. What it refuses was tried with WeChat's compiler
//! `wcc`.

use std::collections::{BTreeMap, BTreeSet};

use glass_easel_template_compiler::parse::Position;
use glass_easel_template_compiler::parse::tag::{Script, Template};

use crate::app::outside;
use crate::issue::{Issue, IssueCode, Issues, Place};
use crate::lexer::{Kind, Token, lex};
use crate::modules::fault_words;
use crate::paths;
use crate::project::{Project, unreadable};

/// Words that `wcc` refuses, as keywords.
const REFUSED_WORDS: [&str; 20] = [
    "let",
    "const",
    "class",
    "extends",
    "super",
    "import",
    "export",
    "async",
    "await",
    "yield",
    "of",
    "in",
    "new",
    "instanceof",
    "try",
    "catch",
    "finally",
    "throw",
    "with",
    "static",
];
const REFUSED_MARKS: [&str; 8] = ["=>", "...", "**", "**=", "??", "??=", "?.", "||="];

/// `<wxs src>` of a template, with the place of the `src`.
pub(crate) fn references(tree: &Template) -> Vec<(String, Position)> {
    let mut found = Vec::new();
    for script in &tree.globals.scripts {
        if let Script::GlobalRef {
            src, src_location, ..
        } = script
        {
            found.push((src.name.to_string(), src_location.start));
        }
    }
    found
}

/// Takes a file, and what it requires, into `scripts`.
pub(crate) fn load(
    project: &Project,
    path: &str,
    scripts: &mut BTreeMap<String, String>,
    issues: &mut Issues,
) {
    let mut wanted = BTreeSet::from([path.to_owned()]);
    // Ends, since each path is taken once and paths are files that exist.
    while let Some(path) = wanted.pop_first() {
        if scripts.contains_key(&path) {
            continue;
        }
        if let Ok(text) = project.text(&path) {
            let script = check(project, &path, &text, 0..text.len(), issues);
            scripts.insert(path, script.text.to_owned());
            wanted.extend(script.required);
        }
    }
}

/// A checked script: its text, or nothing if it would break the bundle, and the files it requires.
pub(crate) struct Checked<'a> {
    pub(crate) text: &'a str,
    pub(crate) required: Vec<String>,
}

/// Checks a script: a whole file, or a `range` of a template.
pub(crate) fn check<'a>(
    project: &Project,
    file: &str,
    whole: &'a str,
    range: std::ops::Range<usize>,
    issues: &mut Issues,
) -> Checked<'a> {
    let start = range.start;
    let source = whole.get(range).unwrap_or_default();
    let place = |at: usize| Place::of(whole, start + at);
    let lexed = lex(source);
    let required = required(project, file, &lexed.tokens, &place, issues);
    for (index, token) in lexed.tokens.iter().enumerate() {
        if !issues.is_full() && refused(&lexed.tokens, index, token) {
            let issue = Issue::error(IssueCode::UnsupportedWxs, file).at(place(token.at));
            issues.push(words(issue, token));
        }
    }
    let Some((fault, at)) = lexed.fault else {
        return Checked {
            text: source,
            required,
        };
    };
    let (zh, en) = fault_words(fault);
    issues.push(
        Issue::error(IssueCode::WxsSyntax, file)
            .at(place(at))
            .says(zh, en),
    );
    Checked { text: "", required }
}

fn refused(tokens: &[Token<'_>], index: usize, token: &Token<'_>) -> bool {
    let before = index.checked_sub(1).and_then(|at| tokens.get(at));
    let after = tokens.get(index + 1);
    let member = before.is_some_and(|one| one.is("."));
    let key = after.is_some_and(|one| one.is(":"));
    let after_is = |text: &str| after.is_some_and(|one| one.is(text));
    match token.kind {
        Kind::Template | Kind::Regex => true,
        Kind::Mark => REFUSED_MARKS.contains(&token.text),
        Kind::Word if member || key => false,
        // Destructuring, generators.
        Kind::Word if token.text == "var" => after_is("{") || after_is("["),
        Kind::Word if token.text == "function" => after_is("*"),
        // Names, unless something follows that only the keyword allows.
        Kind::Word if matches!(token.text, "let" | "async" | "of" | "static" | "await") => {
            after.is_some_and(|one| one.kind == Kind::Word || one.is("{") || one.is("["))
                && !after_is("in")
        }
        Kind::Word => REFUSED_WORDS.contains(&token.text),
        Kind::Number | Kind::Text => false,
    }
}

fn words(issue: Issue, token: &Token<'_>) -> Issue {
    let shown: String = token.text.chars().take(20).collect();
    let (zh, en) = match token.kind {
        Kind::Regex => ("请用 getRegExp", "use getRegExp"),
        Kind::Template => ("请用 + 拼接字符串", "join strings with +"),
        Kind::Word if token.text == "new" => ("日期请用 getDate", "for dates use getDate"),
        _ => (
            "WXS 只有 ES5 的一部分，请改用 var、function 等",
            "it knows part of ES5 only",
        ),
    };
    issue.says(
        format!("WXS 不支持 {shown}，微信会拒绝编译；{zh}。"),
        format!("WXS has no {shown}, and WeChat refuses to compile it; {en}."),
    )
}

/// `require('./x.wxs')`: relative, with its suffix.
fn required(
    project: &Project,
    file: &str,
    tokens: &[Token<'_>],
    place: &dyn Fn(usize) -> Place,
    issues: &mut Issues,
) -> Vec<String> {
    let mut found = Vec::new();
    for window in tokens.windows(4) {
        let [word, open, text, close] = window else {
            continue;
        };
        if issues.is_full() || !(word.is("require") && open.is("(") && close.is(")")) {
            continue;
        }
        let place = place(word.at);
        let written = text.string().unwrap_or_default();
        if !(written.starts_with('.') && written.ends_with(".wxs")) {
            issues.push(Issue::error(IssueCode::MissingModule, file).at(place).says(
                "WXS 里只能 require 相对路径的 .wxs 文件，如 require('./x.wxs')。",
                "WXS requires only .wxs files by a relative path, as in require('./x.wxs').",
            ));
            continue;
        }
        match paths::resolve(file, written) {
            Ok(path) => match project.text(&path) {
                Ok(_) => found.push(path),
                Err(error) => issues.push(unreadable(&path, error, file, Some(place))),
            },
            Err(_) => issues.push(outside(written, file).at(place)),
        }
    }
    found
}
