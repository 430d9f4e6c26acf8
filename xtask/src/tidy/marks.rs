//! Marks that people leave behind for later. Later is an issue, not a comment.

use super::Finding;
use super::source::views;
use super::tree::{File, Tree};

/// Looked for in code, never in strings or comments.
const IN_CODE: [(&str, &str); 4] = [
    ("todo!", "finish it"),
    ("unimplemented!", "finish it, or return an error"),
    ("dbg!", "remove it"),
    ("#[ignore", "make the test fast and certain, or delete it"),
];

/// Looked for as whole words, in comments of Rust and anywhere in the other kinds of file.
const WORDS: [&str; 3] = ["TODO", "FIXME", "XXX"];
const OTHER_KINDS: [&str; 10] = [
    "js", "css", "html", "sql", "sh", "toml", "yml", "wxml", "wxss", "wxs",
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        if file.is("rs") {
            let views = views(&file.text);
            findings.extend(code_marks(file, &views.code));
            findings.extend(word_marks(file, &views.comments));
        } else if OTHER_KINDS.iter().any(|extension| file.is(extension)) {
            findings.extend(word_marks(file, &file.text));
        }
    }
    findings
}

fn code_marks(file: &File, code: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in code.lines().enumerate() {
        for (mark, advice) in IN_CODE {
            if occurs_as_word(line, mark) {
                let what = format!("`{mark}` is left over; {advice}");
                findings.push(Finding::new(&file.path, index + 1, what));
            }
        }
    }
    findings
}

fn word_marks(file: &File, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for mark in WORDS {
            if occurs_as_word(line, mark) {
                let what = format!("`{mark}` is left over; do it now, or open an issue");
                findings.push(Finding::new(&file.path, index + 1, what));
            }
        }
    }
    findings
}

fn occurs_as_word(line: &str, mark: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let ends_in_word = mark.chars().next_back().is_some_and(is_word);
    let starts_in_word = mark.chars().next().is_some_and(is_word);
    line.match_indices(mark).any(|(start, _)| {
        let before = line[..start].chars().next_back().is_some_and(is_word);
        let after = line[start + mark.len()..]
            .chars()
            .next()
            .is_some_and(is_word);
        let cut_out_of_a_word = (starts_in_word && before) || (ends_in_word && after);
        !cut_out_of_a_word
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<usize> {
        check(&Tree::of(&[(path, text)]))
            .iter()
            .map(|finding| finding.line)
            .collect()
    }

    #[test]
    fn marks_in_code_and_comments_are_found() {
        let text =
            "fn a() {\n    todo!()\n}\n// FIXME: later\n#[ignore = \"slow\"]\nfn b() { dbg!(1) }";
        assert_eq!(found("a.rs", text), [2, 5, 6, 4]);
        assert_eq!(found("a.sql", "SELECT 1; -- TODO index\n"), [1]);
    }

    #[test]
    fn marks_in_strings_and_inside_words_are_not() {
        let text = "let a = \"todo! FIXME\"; // METHODOLOGY, XXXL\nmy_dbg!(1);\n";
        assert_eq!(found("a.rs", text), Vec::<usize>::new());
    }
}
