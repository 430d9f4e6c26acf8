//! The same JSON in other layouts: what a client signed before its HTTP library wrote the body
//! anew, or the other way round.
//!
//! The work is done on the text, so that the order of members stays; only the sorted variants go
//! through a parser.

/// White space between tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// As it came.
    AsIs,
    /// None.
    Compact,
    /// `", "` and `": "`, as Python writes.
    Spaced,
    /// One member a line, so many spaces of indent.
    Pretty(usize),
}

/// How strings are escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escapes {
    /// As they came.
    AsIs,
    /// Everything outside ASCII as `\uXXXX`.
    Ascii,
    /// `/` as `\/`, as PHP writes.
    Slashes,
    /// Both, as PHP writes without flags.
    AsciiAndSlashes,
    /// `<`, `>` and `&` as `\u003c` and so on, as Go writes.
    Html,
    /// No escape that is not needed.
    Plain,
}

/// All layouts, the plain ones first.
pub(super) const LAYOUTS: [Layout; 5] = [
    Layout::AsIs,
    Layout::Compact,
    Layout::Spaced,
    Layout::Pretty(2),
    Layout::Pretty(4),
];
/// All ways to escape.
pub(super) const ESCAPES: [Escapes; 6] = [
    Escapes::AsIs,
    Escapes::Ascii,
    Escapes::Slashes,
    Escapes::AsciiAndSlashes,
    Escapes::Html,
    Escapes::Plain,
];

/// Rewrites the text.
pub(super) fn rewrite(json: &str, layout: Layout, escapes: Escapes) -> String {
    let mut out = Writer {
        text: String::with_capacity(json.len() * 2),
        layout,
        depth: 0,
    };
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.text.push_str(&string(&mut chars, escapes)),
            '{' | '[' => {
                while layout != Layout::AsIs && chars.next_if(|c| c.is_whitespace()).is_some() {}
                let empty = matches!(chars.peek(), Some('}' | ']'));
                out.open(c, empty);
            }
            '}' | ']' => out.close(c),
            ',' => out.comma(),
            ':' => out.colon(),
            c if c.is_whitespace() && layout != Layout::AsIs => {}
            c => out.text.push(c),
        }
    }
    out.text
}

struct Writer {
    text: String,
    layout: Layout,
    depth: usize,
}

impl Writer {
    fn open(&mut self, c: char, empty: bool) {
        self.text.push(c);
        self.depth += 1;
        if !empty {
            self.line();
        }
    }

    fn close(&mut self, c: char) {
        self.depth = self.depth.saturating_sub(1);
        if !self.text.ends_with(['{', '[']) {
            self.line();
        }
        self.text.push(c);
    }

    fn comma(&mut self) {
        self.text.push(',');
        match self.layout {
            Layout::Spaced => self.text.push(' '),
            Layout::AsIs | Layout::Compact | Layout::Pretty(_) => self.line(),
        }
    }

    fn colon(&mut self) {
        self.text.push(':');
        match self.layout {
            Layout::Spaced | Layout::Pretty(_) => self.text.push(' '),
            Layout::AsIs | Layout::Compact => {}
        }
    }

    fn line(&mut self) {
        if let Layout::Pretty(indent) = self.layout {
            self.text.push('\n');
            self.text
                .extend(std::iter::repeat_n(' ', indent * self.depth));
        }
    }
}

/// One string with its quotes; the opening one was read.
fn string(chars: &mut impl Iterator<Item = char>, escapes: Escapes) -> String {
    let mut raw = String::from('"');
    let mut escaped = false;
    for c in chars {
        raw.push(c);
        match (escaped, c) {
            (false, '"') => break,
            (false, '\\') => escaped = true,
            _ => escaped = false,
        }
    }
    match escapes {
        Escapes::AsIs => raw,
        Escapes::Ascii => ascii(&raw),
        Escapes::Slashes => raw.replace("\\/", "/").replace('/', "\\/"),
        Escapes::AsciiAndSlashes => ascii(&raw).replace("\\/", "/").replace('/', "\\/"),
        Escapes::Html => raw
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace('&', "\\u0026"),
        Escapes::Plain => plain(&raw),
    }
}

fn ascii(raw: &str) -> String {
    let mut out = String::new();
    for c in raw.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

fn plain(raw: &str) -> String {
    let parsed: Result<String, _> = serde_json::from_str(raw);
    parsed.map_or_else(
        |_| raw.to_owned(),
        |text| serde_json::Value::from(text).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r#"{"b":"盘/\u4e2d","a":[1,{"c":{}}]}"#;

    #[test]
    fn layouts_keep_the_order_of_members() {
        assert_eq!(rewrite(SAMPLE, Layout::AsIs, Escapes::AsIs), SAMPLE);
        let spaced = rewrite(SAMPLE, Layout::Spaced, Escapes::AsIs);
        assert_eq!(spaced, r#"{"b": "盘/\u4e2d", "a": [1, {"c": {}}]}"#);
        let pretty = rewrite(SAMPLE, Layout::Pretty(2), Escapes::AsIs);
        let lines = [
            "{",
            r#"  "b": "盘/\u4e2d","#,
            r#"  "a": ["#,
            "    1,",
            "    {",
            r#"      "c": {}"#,
            "    }",
            "  ]",
            "}",
        ];
        assert_eq!(pretty, lines.join("\n"));
        assert_eq!(rewrite(&pretty, Layout::Compact, Escapes::AsIs), SAMPLE);
        assert_eq!(rewrite(&pretty, Layout::Spaced, Escapes::AsIs), spaced);
    }

    #[test]
    fn strings_are_escaped_as_other_languages_do() {
        let compact = |escapes| rewrite(SAMPLE, Layout::Compact, escapes);
        assert_eq!(
            compact(Escapes::Ascii),
            r#"{"b":"\u76d8/\u4e2d","a":[1,{"c":{}}]}"#
        );
        assert_eq!(
            compact(Escapes::Slashes),
            r#"{"b":"盘\/\u4e2d","a":[1,{"c":{}}]}"#
        );
        assert_eq!(compact(Escapes::Plain), r#"{"b":"盘/中","a":[1,{"c":{}}]}"#);
        assert_eq!(
            rewrite(r#"["<&>"]"#, Layout::AsIs, Escapes::Html),
            r#"["\u003c\u0026\u003e"]"#
        );
    }

    #[test]
    fn what_is_not_json_does_no_harm() {
        for text in ["", "\"", "]}", "{\"a", "\\", "盘"] {
            for layout in LAYOUTS {
                for escapes in ESCAPES {
                    rewrite(text, layout, escapes);
                }
            }
        }
    }
}
