//! WXML cut into tags, text and scripts, with places, for rules that WeChat's newer compiler does
//! not check. It goes on after mistakes, as that one does.

/// One attribute as written.
#[derive(Clone, Debug)]
pub(crate) struct Attribute<'a> {
    pub(crate) name: &'a str,
    pub(crate) at: usize,
    pub(crate) value: Option<Value<'a>>,
}

/// An attribute's value, without its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
    pub(crate) quote: Option<char>,
}

/// A start tag.
#[derive(Clone, Debug)]
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a str,
    pub(crate) at: usize,
    pub(crate) attributes: Vec<Attribute<'a>>,
    /// `<view/>`: nothing follows inside.
    pub(crate) closed: bool,
}

impl<'a> Tag<'a> {
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute<'a>> {
        self.attributes.iter().find(|one| one.name == name)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&'a str> {
        Some(self.attribute(name)?.value?.text)
    }
}

/// What comes next in a file.
#[derive(Clone, Debug)]
pub(crate) enum Event<'a> {
    Open(Tag<'a>),
    Close {
        name: &'a str,
        at: usize,
    },
    Text {
        text: &'a str,
        at: usize,
    },
    /// What stands between `<wxs>` and `</wxs>`.
    Script {
        text: &'a str,
        at: usize,
    },
    /// A tag or comment that ends with the file.
    Cut {
        at: usize,
    },
    /// A character that has no business in a tag.
    Stray {
        at: usize,
    },
}

pub(crate) fn scan(source: &str) -> Vec<Event<'_>> {
    let mut scanner = Scanner {
        source,
        at: 0,
        events: Vec::new(),
    };
    while scanner.at < source.len() {
        scanner.step();
    }
    scanner.events
}

/// The end of an expression that begins at `from`, just after `{{`: the offset of its `}}`.
pub(crate) fn expression_end(source: &str, from: usize) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    let mut depth = 0_usize;
    let mut closing = false;
    for (index, c) in source.get(from..)?.char_indices().take(MAX_LOOKAHEAD) {
        let closed_before = std::mem::take(&mut closing);
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) => quote = (open != c).then_some(open),
            (None, '\'' | '"') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth > 0 => depth -= 1,
            (None, '}') if closed_before => return Some(from + index - 1),
            (None, '}') => closing = true,
            (None, _) => {}
        }
    }
    None
}

/// Characters that are looked through for the end of an expression; see
/// [`crate::limits::MAX_EXPRESSION_CHARS`], beyond which they are refused anyway.
const MAX_LOOKAHEAD: usize = crate::limits::MAX_EXPRESSION_CHARS + 3;

struct Scanner<'a> {
    source: &'a str,
    at: usize,
    events: Vec<Event<'a>>,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn step(&mut self) {
        let rest = self.rest();
        if rest.starts_with("<!--") {
            match rest.find("-->") {
                Some(length) => self.at += length + 3,
                None => self.cut(self.at),
            }
        } else if rest.starts_with("</") {
            self.close();
        } else if begins_tag(rest) {
            self.open();
        } else {
            self.text();
        }
    }

    fn cut(&mut self, at: usize) {
        self.events.push(Event::Cut { at });
        self.at = self.source.len();
    }

    fn close(&mut self) {
        let at = self.at;
        let Some(length) = self.rest().find('>') else {
            self.cut(at);
            return;
        };
        let inner = self.source.get(at + 2..at + length).unwrap_or_default();
        self.at += length + 1;
        let name = inner.trim();
        self.events.push(Event::Close { name, at });
    }

    fn text(&mut self) {
        let start = self.at;
        let mut at = start;
        while let Some(rest) = self.source.get(at..).filter(|rest| !rest.is_empty()) {
            if rest.starts_with("{{") {
                // An expression may hold `<`.
                at = expression_end(self.source, at + 2).map_or(at + 2, |end| end + 2);
            } else if rest.starts_with("</") || rest.starts_with("<!--") || begins_tag(rest) {
                break;
            } else {
                at += plain_length(rest);
            }
        }
        self.at = at.min(self.source.len());
        let text = self.source.get(start..self.at).unwrap_or_default();
        self.events.push(Event::Text { text, at: start });
    }

    fn open(&mut self) {
        let at = self.at;
        self.at += 1;
        let name = self.take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'));
        let mut attributes = Vec::new();
        let closed = loop {
            self.take_while(|c| c.is_ascii_whitespace());
            let rest = self.rest();
            match rest.chars().next() {
                None => {
                    self.cut(at);
                    break true;
                }
                Some('>') => {
                    self.at += 1;
                    break false;
                }
                Some('/') if rest.starts_with("/>") => {
                    self.at += 2;
                    break true;
                }
                Some(next) => match self.attribute() {
                    Some(attribute) => attributes.push(attribute),
                    None => {
                        self.events.push(Event::Stray { at: self.at });
                        self.at += next.len_utf8();
                    }
                },
            }
        };
        self.events.push(Event::Open(Tag {
            name,
            at,
            attributes,
            closed,
        }));
        if name == "wxs" && !closed {
            self.script();
        }
    }

    fn script(&mut self) {
        let at = self.at;
        let length = self.rest().find("</wxs").unwrap_or(self.rest().len());
        let text = self.source.get(at..at + length).unwrap_or_default();
        self.events.push(Event::Script { text, at });
        self.at += length;
    }

    fn attribute(&mut self) -> Option<Attribute<'a>> {
        let at = self.at;
        let ends = |c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/' | '"' | '\'' | '<');
        let name = self.take_while(|c| !ends(c));
        if name.is_empty() {
            return None;
        }
        let after_name = self.at;
        self.take_while(|c| c.is_ascii_whitespace());
        if self.peek() != Some('=') {
            self.at = after_name;
            return Some(Attribute {
                name,
                at,
                value: None,
            });
        }
        self.at += 1;
        self.take_while(|c| c.is_ascii_whitespace());
        let value = Some(self.value());
        Some(Attribute { name, at, value })
    }

    fn value(&mut self) -> Value<'a> {
        let quote = self.peek().filter(|c| matches!(c, '"' | '\''));
        if quote.is_some() {
            self.at += 1;
        }
        let start = self.at;
        let end = match quote {
            Some(quote) => self.quoted_end(quote),
            None => {
                self.take_while(|c| !c.is_whitespace() && c != '>');
                self.at
            }
        };
        self.at = end + usize::from(quote.is_some());
        Value {
            text: self.source.get(start..end).unwrap_or_default(),
            at: start,
            quote,
        }
    }

    /// The closing quote, which an expression may hold inside.
    fn quoted_end(&self, quote: char) -> usize {
        let mut at = self.at;
        while let Some(rest) = self.source.get(at..).filter(|rest| !rest.is_empty()) {
            if rest.starts_with(quote) {
                return at;
            }
            let expression = rest
                .starts_with("{{")
                .then(|| expression_end(self.source, at + 2));
            let one = rest.chars().next().map_or(1, char::len_utf8);
            at = expression.flatten().map_or(at + one, |end| end + 2);
        }
        self.source.len()
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }
}

fn begins_tag(rest: &str) -> bool {
    let mut chars = rest.chars();
    let first = chars.next() == Some('<');
    first && chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
}

/// One character, and on to the next that may begin something.
fn plain_length(rest: &str) -> usize {
    let one = rest.chars().next().map_or(1, char::len_utf8);
    let after = rest.get(one..).unwrap_or_default();
    one + after.find(['<', '{']).unwrap_or(after.len())
}
