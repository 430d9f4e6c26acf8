//! CommonJS modules: the scripts of app, pages and components, and what they require. Nothing else
//! in the folder gets into the bundle.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::bundle::quoted;
use crate::esm::{self, Translated};
use crate::issue::{Issue, IssueCode, Issues, Place};
use crate::lexer::{Fault, Lexed, Token, lex};
use crate::paths;
use crate::project::{Project, ReadError, unreadable};
use crate::units::{Unit, npm_places};

const APP_JS: &str = "app.js";
/// Others' code is not for the reader to change, so what is odd in there is a warning.
const NPM: &str = "miniprogram_npm/";

/// Path to text.
pub(crate) type Modules = BTreeMap<String, Rc<str>>;

pub(crate) fn collect(project: &Project, units: &[Unit], issues: &mut Issues) -> Modules {
    let mut wanted = VecDeque::from([APP_JS.to_owned()]);
    wanted.extend(units.iter().map(|unit| format!("{}.js", unit.path)));
    let mut modules = BTreeMap::new();
    // Ends, since each path is taken once and paths are files that exist.
    while let Some(path) = wanted.pop_front() {
        if modules.contains_key(&path) {
            continue;
        }
        let text = match project.text(&path) {
            Ok(text) => text,
            // Of pages and components this is said where they are named.
            Err(error) => {
                if path == APP_JS || error != ReadError::Missing {
                    issues.push(unreadable(&path, error, &path, None));
                }
                continue;
            }
        };
        let lexed = lex(&text);
        let module = Module {
            path: &path,
            text: &text,
        };
        let mut calls = calls_of_require(&lexed.tokens);
        let text = match module.translated(&lexed) {
            Ok(Some(translated)) => {
                calls.extend(translated.required.into_iter().map(Call::of_import));
                Rc::from(translated.text)
            }
            Ok(None) => Rc::clone(&text),
            Err(issue) => {
                let stub = Rc::from(stub(&issue));
                issues.push(*issue);
                stub
            }
        };
        wanted.extend(module.required(project, calls, issues));
        modules.insert(path, text);
    }
    modules
}

/// Stands in for a script that would take the whole bundle down with it.
fn stub(issue: &Issue) -> String {
    let line = issue.line.unwrap_or(1);
    let message = format!("{}:{line}: {} {}", issue.file, issue.zh, issue.en);
    format!("throw new SyntaxError({});", quoted(&message))
}

struct Module<'a> {
    path: &'a str,
    text: &'a str,
}

impl Module<'_> {
    /// What takes the place of an ES module, or why the script cannot go into the bundle.
    fn translated(&self, lexed: &Lexed<'_>) -> Result<Option<Translated>, Box<Issue>> {
        if let Some((fault, at)) = lexed.fault {
            let (zh, en) = fault_words(fault);
            let issue = Issue::error(IssueCode::JsSyntax, self.path);
            return Err(Box::new(issue.at(Place::of(self.text, at)).says(zh, en)));
        }
        let translated = esm::translate(self.text, &lexed.tokens).transpose();
        translated.map_err(|at| {
            let issue = Issue::error(IssueCode::EsModule, self.path);
            Box::new(issue.at(Place::of(self.text, at)).says(
                "看不懂这种 import / export 写法；请写成常见形式，或用 require 与 module.exports。",
                "This form of import or export is not known here; use a common one, or require.",
            ))
        })
    }

    /// The modules that this one requires by a string, and complaints about the others.
    fn required(&self, project: &Project, calls: Vec<Call>, issues: &mut Issues) -> Vec<String> {
        let mut found = Vec::new();
        for call in calls {
            if issues.is_full() {
                break;
            }
            let place = Place::of(self.text, call.at);
            let Some(name) = call.name.as_deref() else {
                let issue = Issue::warning(IssueCode::DynamicRequire, self.path);
                issues.push(issue.at(place).says(
                    "require 的参数须是一个字符串常量，否则打包时找不到这个模块。",
                    "require takes one string constant, otherwise the module is not packed.",
                ));
                continue;
            };
            if name.starts_with('/') {
                let issue = Issue::warning(IssueCode::AbsoluteRequire, self.path);
                issues.push(issue.at(place).says(
                    format!("微信的 require 不支持绝对路径 “{name}”；请改成相对路径。"),
                    format!("WeChat's require knows no absolute paths (\"{name}\"); use ./ or ../"),
                ));
            }
            if let Some(path) = find(project, self.path, name) {
                found.push(path);
            } else if let Some(path) = find(project, self.path, &format!("./{name}")) {
                issues.push(self.bare(name).at(place));
                found.push(path);
            } else {
                issues.push(self.missing(name).at(place));
            }
        }
        found
    }

    fn bare(&self, name: &str) -> Issue {
        Issue::warning(IssueCode::BareRequire, self.path).says(
            format!("“{name}” 不以 ./ 开头，会先被当作 npm 包；请写成 ./{name}。"),
            format!("\"{name}\" is looked for among npm packages first; write ./{name}"),
        )
    }

    fn missing(&self, name: &str) -> Issue {
        let issue = match self.path.contains(NPM) {
            true => Issue::warning(IssueCode::MissingModule, self.path),
            false => Issue::error(IssueCode::MissingModule, self.path),
        };
        let bare = !name.starts_with(['.', '/']);
        if bare {
            issue.says(
                format!("找不到 npm 模块 “{name}”：请先“构建 npm”；本地文件要以 ./ 开头。"),
                format!("No npm module \"{name}\": build npm first; local files begin with ./"),
            )
        } else {
            issue.says(
                format!("找不到模块 “{name}”（.js 或 /index.js）；请检查路径，只能引用 .js。"),
                format!("No module \"{name}\" (.js or /index.js); check the path, only .js works."),
            )
        }
    }
}

struct Call {
    at: usize,
    /// `None` when it is not one plain string.
    name: Option<String>,
}

impl Call {
    fn of_import((name, at): (String, usize)) -> Self {
        Self {
            at,
            name: Some(name),
        }
    }
}

/// `require('x')` and `require.async('x')`, but not `a.require('x')` or `function require(…)`.
fn calls_of_require(tokens: &[Token<'_>]) -> Vec<Call> {
    let mut calls = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|at| tokens.get(at));
        let foreign = before.is_some_and(|one| one.is(".") || one.is("?.") || one.is("function"));
        if !token.is("require") || foreign {
            continue;
        }
        let after = tokens.get(index + 1..).unwrap_or_default();
        let arguments = match after {
            [open, rest @ ..] if open.is("(") => rest,
            [dot, word, open, rest @ ..] if dot.is(".") && word.is("async") && open.is("(") => rest,
            _ => continue,
        };
        let name = match arguments {
            [text, end, ..] if end.is(")") || end.is(",") => text.string().map(str::to_owned),
            _ => None,
        };
        calls.push(Call { at: token.at, name });
    }
    calls
}

/// The same order as the runtime's `require`.
fn find(project: &Project, from: &str, name: &str) -> Option<String> {
    let places: Vec<String> = if name.starts_with(['.', '/']) {
        paths::resolve(from, name).into_iter().collect()
    } else {
        npm_places(from, name).collect()
    };
    let candidates = places.into_iter().flat_map(|place| {
        let suffixed = format!("{place}.js");
        let index = format!("{place}/index.js");
        let whole = place.ends_with(".js").then_some(place);
        whole.into_iter().chain([suffixed, index])
    });
    candidates.into_iter().find(|path| project.has(path))
}

/// The words for brackets, strings and comments that do not close.
pub(crate) fn fault_words(fault: Fault) -> (String, String) {
    let both = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
    match fault {
        Fault::Text => both(
            "字符串没有结束；请补上引号。",
            "A string does not end; add its quote.",
        ),
        Fault::Template => both(
            "模板字符串没有结束；请补上反引号。",
            "A template literal does not end; add its back quote.",
        ),
        Fault::Comment => both(
            "注释没有结束；请补上 */。",
            "A comment does not end; add */.",
        ),
        Fault::Unclosed(bracket) => (
            format!("括号 {bracket} 没有正确配对；请补上另一半。"),
            format!("The bracket {bracket} is not closed rightly; add its other half."),
        ),
        Fault::Unmatched(bracket) => (
            format!("多余的括号 {bracket}；请删去，或补上前面的一半。"),
            format!("The bracket {bracket} closes nothing; remove it or add its first half."),
        ),
    }
}
