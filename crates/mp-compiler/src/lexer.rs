//! JavaScript cut into tokens: enough to see `require`, brackets that do not match, and words that
//! WXS or `{{ }}` do not have. It is no parser; what a script means is the browser's business.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or a keyword.
    Word,
    Number,
    /// A string in single or double quotes.
    Text,
    /// A piece of a template literal: up to its end or to the next `${`.
    Template,
    Regex,
    /// Everything else: operators, brackets, commas.
    Mark,
}

/// One token, where it stands, and how many brackets are open there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    pub(crate) at: usize,
    pub(crate) depth: usize,
}

impl<'a> Token<'a> {
    pub(crate) fn is(&self, text: &str) -> bool {
        self.text == text && matches!(self.kind, Kind::Word | Kind::Mark)
    }

    /// What a string holds, if it holds no escapes.
    pub(crate) fn string(&self) -> Option<&'a str> {
        let inner = self.text.get(1..self.text.len().checked_sub(1)?)?;
        (self.kind == Kind::Text && !inner.contains('\\')).then_some(inner)
    }
}

/// What does not close or does not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Text,
    Template,
    Comment,
    /// An opening bracket without its other half.
    Unclosed(char),
    /// A closing bracket that fits nothing.
    Unmatched(char),
}

/// The tokens up to the first fault.
pub(crate) struct Lexed<'a> {
    pub(crate) tokens: Vec<Token<'a>>,
    pub(crate) fault: Option<(Fault, usize)>,
}

pub(crate) fn lex(source: &str) -> Lexed<'_> {
    let mut lexer = Lexer {
        source,
        at: 0,
        tokens: Vec::new(),
        open: Vec::new(),
        closed_statement: false,
    };
    let fault = lexer.run().err();
    let fault = fault.or_else(|| {
        let open = lexer.open.last()?;
        let fault = match open.bracket {
            '`' => Fault::Template,
            bracket => Fault::Unclosed(bracket),
        };
        Some((fault, open.at))
    });
    Lexed {
        tokens: lexer.tokens,
        fault,
    }
}

struct Open {
    /// `(`, `[`, `{`, or a back quote for the `${` of a template.
    bracket: char,
    at: usize,
    /// The parenthesis of `if (…)` and the like, after which a slash begins a regular expression.
    of_statement: bool,
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    tokens: Vec<Token<'a>>,
    open: Vec<Open>,
    /// Whether the bracket that closed last was the parenthesis of `if (…)` and the like.
    closed_statement: bool,
}

type Step = Result<(), (Fault, usize)>;

/// Each slash that might begin a regular expression is followed so far. The longest in use, for the
/// addresses of pages in weui's forms, has some 1,400 characters.
const MAX_REGEX_CHARS: usize = 3_000;

/// Longest first.
const MARKS: [&str; 24] = [
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "??=", "&&=", "||=", "=>", "==", "!=",
    "<=", ">=", "&&", "||", "??", "?.", "**", "++", "--", "<<",
];

/// After these a slash begins a regular expression.
const BEFORE_REGEX: [&str; 14] = [
    "return",
    "typeof",
    "case",
    "in",
    "of",
    "delete",
    "void",
    "throw",
    "new",
    "else",
    "do",
    "await",
    "yield",
    "instanceof",
];

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn run(&mut self) -> Step {
        while let Some(next) = self.rest().chars().next() {
            if next.is_whitespace() {
                self.at += next.len_utf8();
            } else if self.rest().starts_with("//") {
                let line = self.rest();
                self.at += line.find('\n').unwrap_or(line.len());
            } else if self.rest().starts_with("/*") {
                let length = self.rest().find("*/").ok_or((Fault::Comment, self.at))?;
                self.at += length + 2;
            } else {
                self.token(next)?;
            }
        }
        Ok(())
    }

    fn token(&mut self, next: char) -> Step {
        match next {
            '"' | '\'' => self.string(next),
            '`' => self.template(1),
            '/' => self.slash(),
            '(' | '[' | '{' => self.open(next),
            ')' | ']' | '}' => self.close(next),
            _ if next.is_ascii_digit() => self.number(),
            _ if is_word(next) => self.word(),
            _ => self.mark(next),
        }
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let end = (self.at + length).min(self.source.len());
        let text = self.source.get(self.at..end).unwrap_or_default();
        self.tokens.push(Token {
            kind,
            text,
            at: self.at,
            depth: self.open.len(),
        });
        self.at = end;
    }

    fn string(&mut self, quote: char) -> Step {
        let mut escaped = false;
        for (index, c) in self.rest().char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '\n' => break,
                _ if c == quote => {
                    self.push(Kind::Text, index + 1);
                    return Ok(());
                }
                _ => {}
            }
        }
        Err((Fault::Text, self.at))
    }

    /// From a back quote, or from the brace that ends a `${`.
    fn template(&mut self, from: usize) -> Step {
        let mut escaped = false;
        let mut dollar = false;
        for (index, c) in self.rest().char_indices().skip(from) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '`' => {
                    self.push(Kind::Template, index + 1);
                    return Ok(());
                }
                '{' if dollar => {
                    let at = self.at;
                    self.push(Kind::Template, index + 1);
                    self.open.push(Open {
                        bracket: '`',
                        at,
                        of_statement: false,
                    });
                    return Ok(());
                }
                _ => {}
            }
            dollar = c == '$';
        }
        Err((Fault::Template, self.at))
    }

    fn slash(&mut self) -> Step {
        let regex = self.may_be_regex().then(|| self.regex_length()).flatten();
        match regex {
            Some(length) => self.push(Kind::Regex, length),
            None => self.push(Kind::Mark, 1),
        }
        Ok(())
    }

    fn may_be_regex(&self) -> bool {
        let Some(before) = self.tokens.last() else {
            return true;
        };
        match before.kind {
            Kind::Number | Kind::Text | Kind::Template | Kind::Regex => false,
            Kind::Word => BEFORE_REGEX.contains(&before.text) && !self.is_member(),
            Kind::Mark if before.text == ")" => self.closed_statement,
            Kind::Mark => !matches!(before.text, "]" | "++" | "--"),
        }
    }

    /// `a.return` is no keyword.
    fn is_member(&self) -> bool {
        let before = self.tokens.iter().rev().nth(1);
        before.is_some_and(|token| token.is(".") || token.is("?."))
    }

    /// Up to the closing slash on the same line, with flags; `None` when there is none.
    fn regex_length(&self) -> Option<usize> {
        let rest = self.rest();
        let (mut escaped, mut in_class) = (false, false);
        let near = rest.char_indices().skip(1).take(MAX_REGEX_CHARS);
        let close = { near }.find_map(|(index, c)| {
            match c {
                '\n' => return Some(None),
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => return Some(Some(index)),
                _ => {}
            }
            None
        })??;
        let flags = rest.get(close + 1..)?.chars().take_while(|c| is_word(*c));
        Some(close + 1 + flags.map(char::len_utf8).sum::<usize>())
    }

    fn open(&mut self, bracket: char) -> Step {
        let before = self.tokens.last();
        let of_statement = before.is_some_and(|token| is_statement(token.text));
        let at = self.at;
        self.push(Kind::Mark, 1);
        self.open.push(Open {
            bracket,
            at,
            of_statement,
        });
        Ok(())
    }

    fn close(&mut self, bracket: char) -> Step {
        let wanted = match bracket {
            ')' => '(',
            ']' => '[',
            _ => '{',
        };
        let unmatched = (Fault::Unmatched(bracket), self.at);
        let open = self.open.pop().ok_or(unmatched)?;
        if open.bracket == '`' && bracket == '}' {
            return self.template(1);
        }
        if open.bracket != wanted {
            // The bracket that was opened last is the likelier culprit.
            return Err((Fault::Unclosed(open.bracket), open.at));
        }
        self.closed_statement = open.of_statement;
        self.push(Kind::Mark, 1);
        Ok(())
    }

    fn number(&mut self) -> Step {
        let mut length = 0;
        let mut before = '0';
        let hex = self.rest().starts_with("0x") || self.rest().starts_with("0X");
        for c in self.rest().chars() {
            let sign = matches!(c, '+' | '-') && matches!(before, 'e' | 'E') && !hex;
            if !(is_word(c) || c == '.' || sign) {
                break;
            }
            length += c.len_utf8();
            before = c;
        }
        self.push(Kind::Number, length);
        Ok(())
    }

    fn word(&mut self) -> Step {
        let letters = self.rest().chars().take_while(|c| is_word(*c));
        let length = letters.map(char::len_utf8).sum();
        self.push(Kind::Word, length);
        Ok(())
    }

    fn mark(&mut self, next: char) -> Step {
        let rest = self.rest();
        let long = MARKS.iter().find(|mark| rest.starts_with(**mark));
        let conditional = rest.starts_with("?.")
            && rest
                .get(2..3)
                .is_some_and(|c| c.starts_with(|c: char| c.is_ascii_digit()));
        let length = match long {
            Some(mark) if !conditional => mark.len(),
            _ => next.len_utf8(),
        };
        self.push(Kind::Mark, length);
        Ok(())
    }
}

fn is_statement(word: &str) -> bool {
    matches!(word, "if" | "while" | "for" | "with")
}

pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '#' | '\\' | '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests;
