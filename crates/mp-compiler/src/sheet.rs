//! A style sheet cut into preludes, declarations and statements, with places.

/// What stands before a brace or a semicolon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Before `{`: selectors, or an at-rule.
    Prelude { text: &'a str, at: usize },
    /// Before `;` or `}`: a declaration, or an at-rule without a block.
    Line { text: &'a str, at: usize },
    /// `}`.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Comment,
    Text,
    /// `{` or `(` without its other half.
    Unclosed,
    /// `}` or `)` too many.
    Unmatched,
    /// More brackets inside each other than the compiler may see.
    Deep,
}

/// The text with comments made blank, so that all offsets hold.
pub(crate) fn without_comments(text: &str) -> Result<String, (Fault, usize)> {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let length = if rest.starts_with("/*") {
            let length = rest.find("*/").ok_or((Fault::Comment, at))? + 2;
            let comment = rest.get(..length).unwrap_or_default();
            let blank = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
            out.extend(comment.bytes().map(blank));
            length
        } else {
            let length = match rest.chars().next() {
                Some(quote @ ('"' | '\'')) => text_length(rest, quote).ok_or((Fault::Text, at))?,
                Some(other) => other.len_utf8(),
                None => 1,
            };
            out.push_str(rest.get(..length).unwrap_or_default());
            length
        };
        at += length;
    }
    Ok(out)
}

/// The length of a string with its quotes; a string ends on its line, unless that is escaped.
fn text_length(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (index, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' => return None,
            _ if c == quote => return Some(index + 1),
            _ => {}
        }
    }
    None
}

/// Cuts a text that holds no comments any more.
pub(crate) fn cut(text: &str, max_depth: usize) -> Result<Vec<Piece<'_>>, (Fault, usize)> {
    let mut pieces = Vec::new();
    let mut open: Vec<(u8, usize)> = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at).copied() {
        let in_parentheses = open.last().is_some_and(|(bracket, _)| *bracket != b'{');
        match byte {
            b'"' | b'\'' => {
                let rest = text.get(at..).unwrap_or_default();
                at += text_length(rest, char::from(byte)).ok_or((Fault::Text, at))?;
                continue;
            }
            b'\\' => {
                // Whatever is escaped is no bracket.
                let next = text.get(at + 1..).and_then(|rest| rest.chars().next());
                at += 1 + next.map_or(0, char::len_utf8);
                continue;
            }
            b'(' | b'[' => open.push((byte, at)),
            b')' | b']' => {
                let wanted = if byte == b')' { b'(' } else { b'[' };
                let found = open.pop_if(|(bracket, _)| *bracket == wanted);
                found.ok_or((Fault::Unmatched, at))?;
            }
            b'{' => {
                if in_parentheses {
                    return Err((Fault::Unclosed, open.last().map_or(at, |(_, at)| *at)));
                }
                let (text, at_text) = trimmed(text, start, at);
                pieces.push(Piece::Prelude { text, at: at_text });
                open.push((byte, at));
                start = at + 1;
            }
            b'}' => {
                let found = open.pop_if(|(bracket, _)| *bracket == b'{');
                found.ok_or((Fault::Unmatched, at))?;
                pieces.extend(line(text, start, at));
                pieces.push(Piece::End);
                start = at + 1;
            }
            b';' if !in_parentheses => {
                pieces.extend(line(text, start, at));
                start = at + 1;
            }
            _ => {}
        }
        if open.len() > max_depth {
            return Err((Fault::Deep, at));
        }
        at += 1;
    }
    if let Some((_, at)) = open.last() {
        return Err((Fault::Unclosed, *at));
    }
    pieces.extend(line(text, start, text.len()));
    Ok(pieces)
}

fn line(text: &str, from: usize, to: usize) -> Option<Piece<'_>> {
    let (text, at) = trimmed(text, from, to);
    (!text.is_empty()).then_some(Piece::Line { text, at })
}

/// A part of the text without blanks around it, and where it begins then.
fn trimmed(text: &str, from: usize, to: usize) -> (&str, usize) {
    let raw = text.get(from..to).unwrap_or_default();
    let blanks = raw.len() - raw.trim_start().len();
    (raw.trim(), from + blanks)
}
