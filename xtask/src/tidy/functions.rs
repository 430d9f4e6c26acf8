//! Where functions begin and end, by matching braces in the code view.

/// A function with a body, by the numbers of its first and last line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) first_line: usize,
    pub(super) last_line: usize,
}

/// `code` is the code view of a file: braces in strings and comments are gone already.
pub(super) fn functions(code: &str) -> Vec<Function> {
    let bytes = code.as_bytes();
    let mut found = Vec::new();
    for (start, _) in code.match_indices("fn ") {
        let Some(name) = name_after(code, start) else {
            continue;
        };
        let Some(open) = body_start(bytes, start) else {
            continue;
        };
        let close = body_end(bytes, open);
        found.push(Function {
            name: name.to_owned(),
            first_line: line_of(bytes, start),
            last_line: line_of(bytes, close),
        });
    }
    found
}

fn name_after(code: &str, start: usize) -> Option<&str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if code[..start].chars().next_back().is_some_and(is_word) {
        return None;
    }
    let rest = code[start + 3..].trim_start();
    let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    // `fn (…)` and `fn(…)` are types, not functions.
    (end > 0).then(|| &rest[..end])
}

/// The brace that opens the body; `None` for a declaration that ends with `;`.
fn body_start(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (offset, byte) in bytes[start..].iter().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Some(start + offset),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn body_end(bytes: &[u8], open: usize) -> usize {
    let mut depth = 0_i32;
    for (offset, byte) in bytes[open..].iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return open + offset;
        }
    }
    bytes.len()
}

fn line_of(bytes: &[u8], offset: usize) -> usize {
    bytes[..offset]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_with_their_bodies() {
        let code = "trait T { fn declared(&self); }\nconst X: fn (u8) = g;\n\
                    fn outer(a: [u8; 2]) -> u8 {\n    if a { b }\n    fn inner() {}\n}\n";
        let found: Vec<_> = functions(code)
            .into_iter()
            .map(|one| (one.name, one.first_line, one.last_line))
            .collect();
        assert_eq!(
            found,
            [("outer".to_owned(), 3, 6), ("inner".to_owned(), 5, 5)]
        );
    }
}
