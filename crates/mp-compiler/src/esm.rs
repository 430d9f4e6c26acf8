//! `import` and `export` in the words of CommonJS, as DevTools' "ES6" setting does it. Statements
//! are blanked out where they stand, so that lines hold, and come back in front of the script:
//! `require.exports({name: () => name})` and `require.imports("./x", [["name", v => {name = v}]])`.

use std::ops::Range;

use crate::bundle::quoted;
use crate::lexer::{Kind, Token};

/// A script without `import` and `export`.
pub(crate) struct Translated {
    pub(crate) text: String,
    /// What it imports, and where that is named.
    pub(crate) required: Vec<(String, usize)>,
}

/// `None` for a script that is no ES module; an error is the place of a form that is not known.
pub(crate) fn translate(text: &str, tokens: &[Token<'_>]) -> Option<Result<Translated, usize>> {
    let places: Vec<usize> = (0..tokens.len())
        .filter(|index| is_statement(tokens, *index))
        .collect();
    if places.is_empty() {
        return None;
    }
    let mut module = Module {
        text,
        tokens,
        ..Module::default()
    };
    for index in places {
        let keyword = tokens.get(index)?;
        let understood = match keyword.text {
            "import" => module.import(index),
            _ => module.export(index),
        };
        if understood.is_none() {
            return Some(Err(keyword.at));
        }
    }
    Some(Ok(module.finish()))
}

/// Not `import(…)`, `import.meta` or a member of that name; those are left to the browser.
fn is_statement(tokens: &[Token<'_>], index: usize) -> bool {
    let Some(token) = tokens.get(index) else {
        return false;
    };
    let next = tokens.get(index + 1);
    let call = next.is_some_and(|next| next.is("(") || next.is("."));
    let before = index.checked_sub(1).and_then(|at| tokens.get(at));
    let member = before.is_some_and(|one| one.is(".") || one.is("?."));
    let keyword = token.is("export") || (token.is("import") && !call);
    token.depth == 0 && keyword && !member
}

#[derive(Default)]
struct Module<'a> {
    text: &'a str,
    tokens: &'a [Token<'a>],
    edits: Vec<(Range<usize>, &'static str)>,
    required: Vec<(String, usize)>,
    /// Names that the head declares.
    locals: Vec<String>,
    /// `require.imports(…)`, in order.
    imports: Vec<String>,
    /// Name outside, expression inside.
    exports: Vec<(String, String)>,
    is_exporting: bool,
}

/// What stands in for the value of `export default`.
const DEFAULT: &str = "__default";

impl<'a> Module<'a> {
    fn token(&self, index: usize) -> Option<&'a Token<'a>> {
        self.tokens.get(index)
    }

    fn is(&self, index: usize, text: &str) -> bool {
        self.token(index).is_some_and(|token| token.is(text))
    }

    fn word(&self, index: usize) -> Option<&'a str> {
        let token = self.token(index)?;
        (token.kind == Kind::Word).then_some(token.text)
    }

    /// `a`, `{a, b as c}`, `* as a`, a mixture, or only `'./x'`.
    fn import(&mut self, index: usize) -> Option<()> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut at = index + 1;
        if self.token(at)?.kind != Kind::Text {
            if let Some(name) = self.word(at) {
                pairs.push(("default".to_owned(), name.to_owned()));
                at += 1;
                if self.is(at, ",") {
                    at += 1;
                }
            }
            if self.is(at, "*") && self.is(at + 1, "as") {
                pairs.push(("*".to_owned(), self.word(at + 2)?.to_owned()));
                at += 3;
            } else if self.is(at, "{") {
                let (list, after) = self.list(at)?;
                pairs.extend(list);
                at = after;
            }
            at = self.is(at, "from").then_some(at + 1)?;
        }
        self.locals
            .extend(pairs.iter().map(|(_, local)| local.clone()));
        self.source(at, &pairs)?;
        self.blank(index, at)
    }

    /// `{a, b as c, default as d}` as pairs of both names, and what comes after.
    fn list(&self, open: usize) -> Option<(Vec<(String, String)>, usize)> {
        let mut pairs = Vec::new();
        let mut at = open + 1;
        while !self.is(at, "}") {
            let first = self.name(at)?;
            let second = self.is(at + 1, "as").then(|| self.name(at + 2));
            at += if second.is_some() { 3 } else { 1 };
            let second = second.unwrap_or_else(|| Some(first.clone()))?;
            pairs.push((first, second));
            match self.is(at, ",") {
                true => at += 1,
                false if self.is(at, "}") => {}
                false => return None,
            }
        }
        Some((pairs, at + 1))
    }

    /// Names of exports may be strings.
    fn name(&self, index: usize) -> Option<String> {
        let token = self.token(index)?;
        match token.kind {
            Kind::Word => Some(token.text.to_owned()),
            Kind::Text => token.string().map(str::to_owned),
            Kind::Number | Kind::Template | Kind::Regex | Kind::Mark => None,
        }
    }

    /// The module that is named at `index`, and what is taken from it.
    fn source(&mut self, index: usize, pairs: &[(String, String)]) -> Option<()> {
        let token = self.token(index)?;
        let name = token.string()?;
        self.required.push((name.to_owned(), token.at));
        let setters: Vec<String> = pairs
            .iter()
            .map(|(outside, local)| format!("[{},v=>{{{local}=v}}]", quoted(outside)))
            .collect();
        let list = setters.join(",");
        self.imports
            .push(format!("require.imports({},[{list}]);", quoted(name)));
        Some(())
    }

    fn export(&mut self, index: usize) -> Option<()> {
        self.is_exporting = true;
        match self.token(index + 1)?.text {
            "default" => self.export_default(index),
            "{" => self.export_list(index),
            "*" => self.export_all(index),
            "const" | "let" | "var" => {
                let names = self.declared(index + 2);
                self.export_names(&names);
                self.blank(index, index)
            }
            "function" | "class" | "async" => {
                let name = self.declaration(index + 1)?;
                self.export_names(&[name]);
                self.blank(index, index)
            }
            _ => None,
        }
    }

    fn export_names(&mut self, names: &[&str]) {
        let pairs = names
            .iter()
            .map(|name| ((*name).to_owned(), (*name).to_owned()));
        self.exports.extend(pairs);
    }

    /// The name in `function f`, `async function* f` or `class C`; nothing when it has none.
    fn declaration(&self, index: usize) -> Option<&'a str> {
        let function = index + usize::from(self.is(index, "async"));
        let keyword = self.word(function)?;
        let star = usize::from(self.is(function + 1, "*"));
        let name = self.word(function + 1 + star)?;
        (matches!(keyword, "function" | "class") && name != "extends").then_some(name)
    }

    /// A declaration stays one, since it is known before its line; a value is assigned.
    fn export_default(&mut self, index: usize) -> Option<()> {
        let outside = "default".to_owned();
        if let Some(name) = self.declaration(index + 2) {
            self.exports.push((outside, name.to_owned()));
            return self.blank(index, index + 1);
        }
        self.exports.push((outside, DEFAULT.to_owned()));
        self.locals.push(DEFAULT.to_owned());
        self.blank(index, index)?;
        let word = self.token(index + 1)?;
        let range = word.at..word.at + word.text.len();
        self.edits.push((range, "__default ="));
        Some(())
    }

    /// `export {a, b as c}`, of this module or `from` another.
    fn export_list(&mut self, index: usize) -> Option<()> {
        let (pairs, after) = self.list(index + 1)?;
        if !self.is(after, "from") {
            let turned = pairs.into_iter().map(|(local, outside)| (outside, local));
            self.exports.extend(turned);
            return self.blank(index, after - 1);
        }
        let namespace = self.namespace();
        for (inside, outside) in pairs {
            let value = format!("{namespace}[{}]", quoted(&inside));
            self.exports.push((outside, value));
        }
        self.source(after + 1, &[("*".to_owned(), namespace)])?;
        self.blank(index, after + 1)
    }

    /// `export * from './x'` and `export * as x from './x'`.
    fn export_all(&mut self, index: usize) -> Option<()> {
        let named = self.is(index + 2, "as");
        let from = index + if named { 4 } else { 2 };
        let text = self.is(from, "from").then_some(from + 1)?;
        if named {
            let namespace = self.namespace();
            let outside = self.name(index + 3)?;
            self.exports.push((outside, namespace.clone()));
            self.source(text, &[("*".to_owned(), namespace)])?;
        } else {
            let token = self.token(text)?;
            let name = token.string()?;
            self.required.push((name.to_owned(), token.at));
            let all = format!(
                "require.imports({},[[\"*\",v=>require.all(v)]]);",
                quoted(name)
            );
            self.imports.push(all);
        }
        self.blank(index, text)
    }

    fn namespace(&mut self) -> String {
        let name = format!("__from{}", self.locals.len());
        self.locals.push(name.clone());
        name
    }

    /// The names that `const …` declares, from behind the keyword.
    fn declared(&self, from: usize) -> Vec<&'a str> {
        let mut names = Vec::new();
        let mut at = from;
        // Ends, since each turn takes a token.
        while let Some(token) = self.token(at) {
            if token.is("{") || token.is("[") {
                let end = self.closing(at);
                names.extend((at..end).filter_map(|index| self.bound(index)));
                at = end + 1;
            } else if token.kind == Kind::Word && self.is_declarator(at) {
                names.push(token.text);
                at += 1;
            } else {
                break;
            }
            let Some(next) = self.next_declarator(at) else {
                break;
            };
            at = next;
        }
        names
    }

    /// Whether a name is declared here; behind a comma it may also be called or added to.
    fn is_declarator(&self, index: usize) -> bool {
        let next = self.token(index + 1);
        next.is_none_or(|next| next.kind != Kind::Mark || ["=", ",", ";"].contains(&next.text))
    }

    /// Where the bracket at `open` closes.
    fn closing(&self, open: usize) -> usize {
        let depth = self.token(open).map_or(0, |token| token.depth);
        let after = self.tokens.iter().enumerate().skip(open + 1);
        let mut same = after.filter(|(_, token)| token.depth <= depth);
        same.next().map_or(self.tokens.len(), |(index, _)| index)
    }

    /// A name inside a pattern, unless it only says which member to take.
    fn bound(&self, index: usize) -> Option<&'a str> {
        let ends = [",", "}", "]", "="];
        let name = self.word(index)?;
        let after_value = index > 0 && self.is(index - 1, "=");
        (!after_value && ends.iter().any(|end| self.is(index + 1, end))).then_some(name)
    }

    /// Behind the comma that ends a declarator. A line without `;` may end the statement, too,
    /// which shows when a statement's keyword follows.
    fn next_declarator(&self, from: usize) -> Option<usize> {
        const STATEMENTS: [&str; 12] = [
            "const", "let", "var", "export", "import", "if", "for", "while", "switch", "try",
            "throw", "return",
        ];
        for (index, token) in self.tokens.iter().enumerate().skip(from) {
            if token.depth > 0 {
                continue;
            }
            if token.is(",") {
                return Some(index + 1);
            }
            if token.is(";") || STATEMENTS.iter().any(|word| token.is(word)) {
                return None;
            }
        }
        None
    }

    /// Takes tokens out of the script, from the first to the last.
    fn blank(&mut self, first: usize, last: usize) -> Option<()> {
        let last = self.token(last)?;
        let range = self.token(first)?.at..last.at + last.text.len();
        self.edits.push((range, ""));
        Some(())
    }

    fn finish(mut self) -> Translated {
        let mut text = self.head();
        let mut from = 0;
        self.edits.sort_by_key(|(range, _)| range.start);
        for (range, instead) in &self.edits {
            text.push_str(self.text.get(from..range.start).unwrap_or_default());
            text.push_str(instead);
            let gone = self.text.get(range.clone()).unwrap_or_default();
            let blanks = gone.chars().skip(instead.len());
            text.extend(blanks.map(|c| if c == '\n' { '\n' } else { ' ' }));
            from = range.end;
        }
        text.push_str(self.text.get(from..).unwrap_or_default());
        Translated {
            text,
            required: self.required,
        }
    }

    fn head(&self) -> String {
        // ES modules are strict.
        let mut head = String::from("'use strict';");
        if !self.locals.is_empty() {
            head.push_str(&format!("let {};", self.locals.join(",")));
        }
        if self.is_exporting {
            let getters: Vec<String> = self
                .exports
                .iter()
                .map(|(name, value)| format!("{}:()=>{value}", quoted(name)))
                .collect();
            head.push_str(&format!("require.exports({{{}}});", getters.join(",")));
        }
        self.imports.iter().for_each(|line| head.push_str(line));
        head
    }
}

#[cfg(test)]
mod tests;
