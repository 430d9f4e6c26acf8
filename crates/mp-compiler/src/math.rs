//! `calc()` before it goes to the compiler, which keeps the blanks around `+` and `-` directly in
//! `calc()` and nowhere else: not in its inner parentheses, not in `min()`, `max()` or `clamp()`.
//! Without them the browser drops the declaration. An inner `calc()` means the same as parentheses.

#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `calc(`, or parentheses in it.
    Sum,
    /// `min(` and the like: each argument is a sum.
    Choice,
    Other,
}

/// Rewrites a sheet without comments.
pub(crate) fn explicit(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut open: Vec<Open> = Vec::new();
    let mut quote = None;
    let mut escaped = false;
    for c in css.chars() {
        if escaped || quote.is_some() {
            quote = quote.filter(|quote| escaped || *quote != c);
            escaped = c == '\\' && !escaped;
            out.push(c);
            continue;
        }
        match c {
            '\\' => escaped = true,
            '"' | '\'' => quote = Some(c),
            _ => {}
        }
        match (c, open.last()) {
            ('(', outer) => {
                let kind = kind_of(&out, outer.copied());
                let bare = kind == Open::Sum && !out.ends_with(is_name);
                out.push_str(match kind {
                    Open::Sum if bare => "calc(",
                    Open::Choice => "(calc(",
                    Open::Sum | Open::Other => "(",
                });
                open.push(kind);
            }
            (')', Some(inner)) => {
                out.push_str(if *inner == Open::Choice { "))" } else { ")" });
                open.pop();
            }
            (',', Some(Open::Choice)) => out.push_str("),calc("),
            // No value goes on over a brace.
            ('{' | '}', _) => {
                open.clear();
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

fn kind_of(before: &str, outer: Option<Open>) -> Open {
    let start = before.rfind(|c| !is_name(c)).map_or(0, |at| {
        at + before
            .get(at..)
            .and_then(|s| s.chars().next())
            .map_or(1, char::len_utf8)
    });
    match before.get(start..).unwrap_or_default() {
        "calc" => Open::Sum,
        "min" | "max" | "clamp" => Open::Choice,
        "" if matches!(outer, Some(Open::Sum | Open::Choice)) => Open::Sum,
        _ => Open::Other,
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_written_as_calc() {
        let rows = [
            (
                "a{w:calc(1px + (2px - 3px))}",
                "a{w:calc(1px + calc(2px - 3px))}",
            ),
            (
                "a{w:min(1px + 2px,3px)}",
                "a{w:min(calc(1px + 2px),calc(3px))}",
            ),
            (
                "a{w:max(0px, env(x, 1px) - 2px)}",
                "a{w:max(calc(0px),calc( env(x, 1px) - 2px))}",
            ),
            ("a{w:rgba(0,0,0,.1) url(a)}", "a{w:rgba(0,0,0,.1) url(a)}"),
            (
                "a{content:'calc(('}b:not(.c){}",
                "a{content:'calc(('}b:not(.c){}",
            ),
            ("a{content:\"\\\"calc((\"}", "a{content:\"\\\"calc((\"}"),
        ];
        for (css, expected) in rows {
            assert_eq!(explicit(css), expected);
        }
    }
}
