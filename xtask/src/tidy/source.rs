//! Rust text seen twice: once as code only, once as comments only. The other parts are blanks, so
//! that positions and line numbers stay the same, and so that a rule never trips over a string.

pub(crate) struct Views {
    /// Strings and characters keep their quotes and lose their contents.
    pub(crate) code: String,
    pub(crate) comments: String,
}

/// What a character belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Code,
    Comment,
    Literal,
}

pub(crate) fn views(text: &str) -> Views {
    let mut lexer = Lexer {
        characters: text.chars().collect(),
        at: 0,
        code: String::with_capacity(text.len()),
        comments: String::with_capacity(text.len()),
    };
    lexer.run();
    Views {
        code: lexer.code,
        comments: lexer.comments,
    }
}

struct Lexer {
    characters: Vec<char>,
    at: usize,
    code: String,
    comments: String,
}

impl Lexer {
    fn run(&mut self) {
        while let Some(here) = self.peek(0) {
            match (here, self.peek(1)) {
                ('/', Some('/')) => self.line_comment(),
                ('/', Some('*')) => self.block_comment(),
                ('"', _) => self.string(),
                ('r', Some('"' | '#')) if !self.inside_word() && self.raw_hashes().is_some() => {
                    self.raw_string();
                }
                ('\'', Some(next)) if self.is_character(next) => self.character(),
                _ => self.take(1, Part::Code),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    fn take(&mut self, count: usize, part: Part) {
        for _ in 0..count {
            let Some(character) = self.peek(0) else {
                return;
            };
            let blank = if character == '\n' { '\n' } else { ' ' };
            self.code
                .push(if part == Part::Code { character } else { blank });
            self.comments.push(if part == Part::Comment {
                character
            } else {
                blank
            });
            self.at += 1;
        }
    }

    fn line_comment(&mut self) {
        while self.peek(0).is_some_and(|here| here != '\n') {
            self.take(1, Part::Comment);
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => {
                    depth += 1;
                    self.take(2, Part::Comment);
                }
                (Some('*'), Some('/')) => {
                    depth -= 1;
                    self.take(2, Part::Comment);
                }
                (Some(_), _) => self.take(1, Part::Comment),
                (None, _) => return,
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        self.take(1, Part::Code);
        loop {
            match self.peek(0) {
                Some('\\') => self.take(2, Part::Literal),
                Some('"') => return self.take(1, Part::Code),
                Some(_) => self.take(1, Part::Literal),
                None => return,
            }
        }
    }

    /// `r`, `br` and `cr` begin raw strings; the `r` of `number"` cannot occur in Rust.
    fn inside_word(&self) -> bool {
        let before = |back: usize| {
            self.at
                .checked_sub(back)
                .and_then(|index| self.characters.get(index))
                .copied()
        };
        let word = |character: Option<char>| {
            character.is_some_and(|character| character.is_alphanumeric() || character == '_')
        };
        match before(1) {
            Some('b' | 'c') => word(before(2)),
            other => word(other),
        }
    }

    /// How many `#` stand between the `r` and the quote; `None` when this is no raw string.
    fn raw_hashes(&self) -> Option<usize> {
        let hashes = (1..)
            .take_while(|ahead| self.peek(*ahead) == Some('#'))
            .count();
        (self.peek(1 + hashes) == Some('"')).then_some(hashes)
    }

    fn raw_string(&mut self) {
        let hashes = self.raw_hashes().unwrap_or(0);
        self.take(2 + hashes, Part::Code);
        while self.peek(0).is_some() {
            let ends = self.peek(0) == Some('"')
                && (1..=hashes).all(|ahead| self.peek(ahead) == Some('#'));
            if ends {
                return self.take(1 + hashes, Part::Code);
            }
            self.take(1, Part::Literal);
        }
    }

    /// `'a'` and `'\n'` are characters, `'a` is a lifetime.
    fn is_character(&self, next: char) -> bool {
        next == '\\' || self.peek(2) == Some('\'')
    }

    fn character(&mut self) {
        self.take(1, Part::Code);
        let escaped = self.peek(0) == Some('\\');
        self.take(if escaped { 2 } else { 1 }, Part::Literal);
        while self
            .peek(0)
            .is_some_and(|here| here != '\'' && here != '\n')
        {
            self.take(1, Part::Literal);
        }
        self.take(1, Part::Code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_characters_and_comments_leave_the_code() {
        let text = "let a = \"{ // no\"; // yes {\nlet b = '{'; let c = '\\''; fn f<'a>() {}\n";
        let views = views(text);
        assert_eq!(
            views.code,
            "let a = \"       \";         \nlet b = ' '; let c = '  '; fn f<'a>() {}\n"
        );
        assert_eq!(views.comments.trim(), "// yes {");
    }

    #[test]
    fn raw_strings_end_at_their_own_hashes() {
        let views = views("let a = r#\"a \"b\" {\"#; let r = b; call(br\"{\"); for\"}\"");
        assert_eq!(
            views.code,
            "let a = r#\"       \"#; let r = b; call(br\" \"); for\" \""
        );
    }

    #[test]
    fn block_comments_nest() {
        let views = views("a /* one /* two */ still */ b");
        assert_eq!(
            views.code.split_whitespace().collect::<Vec<_>>(),
            ["a", "b"]
        );
    }
}
