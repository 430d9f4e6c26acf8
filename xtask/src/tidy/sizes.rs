//! Files, functions and lines that one can take in at a glance.

use std::collections::BTreeSet;

use super::Finding;
use super::functions::functions;
use super::source::{Views, views};
use super::tree::{File, Tree};

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 70;
const LINE_CHARACTERS: usize = 100;
/// A run of characters without a blank, longer than this, cannot be broken (an address, a key).
const UNBREAKABLE: usize = 60;

const SIZED: [&str; 10] = [
    "rs", "js", "mjs", "css", "html", "wxml", "wxss", "wxs", "sql", "sh",
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        if SIZED.iter().any(|extension| file.is(extension)) {
            findings.extend(file_size(file));
        }
        if file.is("rs") {
            findings.extend(function_sizes(file));
            findings.extend(line_lengths(file));
        }
    }
    findings
}

fn file_size(file: &File) -> Option<Finding> {
    let lines = file.text.lines().count();
    (lines > FILE_LINES).then(|| {
        let what = format!("{lines} lines; split the file by idea, {FILE_LINES} is the limit");
        Finding::new(&file.path, 1, what)
    })
}

fn function_sizes(file: &File) -> Vec<Finding> {
    let views = views(&file.text);
    let data = data_lines(file, &views);
    let mut findings = Vec::new();
    for one in functions(&views.code) {
        let body = one.first_line..=one.last_line;
        let lines = body.clone().count() - body.filter(|line| data.contains(line)).count();
        if lines > FUNCTION_LINES {
            let name = &one.name;
            let advice = format!("move steps out, {FUNCTION_LINES} is the limit");
            let what = format!("`{name}` has {lines} lines; {advice}");
            findings.push(Finding::new(&file.path, one.first_line, what));
        }
    }
    findings
}

/// Lines that lie wholly inside a string, such as a table that a test compares with. They are data.
fn data_lines(file: &File, views: &Views) -> BTreeSet<usize> {
    let sides = views.code.lines().zip(views.comments.lines());
    let is_data = |(line, (code, comment)): (&str, (&str, &str))| {
        !line.trim().is_empty() && code.trim().is_empty() && comment.trim().is_empty()
    };
    let lines = file.text.lines().zip(sides).enumerate();
    lines
        .filter(|(_, line)| is_data(*line))
        .map(|(index, _)| index + 1)
        .collect()
}

fn line_lengths(file: &File) -> Vec<Finding> {
    // A row of a table in a comment cannot be broken either.
    let is_row = |line: &str| {
        line.trim_start()
            .trim_start_matches(['/', '!'])
            .starts_with(" |")
    };
    let is_long = |line: &str| {
        line.chars().count() > LINE_CHARACTERS
            && !is_row(line)
            && line
                .split_whitespace()
                .all(|word| word.chars().count() <= UNBREAKABLE)
    };
    let long = file.lines().filter(|(_, line)| is_long(line));
    long.map(|(number, line)| {
        let length = line.chars().count();
        let what = format!("{length} characters; break the line, {LINE_CHARACTERS} is the limit");
        Finding::new(&file.path, number, what)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&Tree::of(&[(path, text)]))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_file_that_is_too_long_is_found() {
        assert_eq!(found("a.sql", &"x\n".repeat(400)), Vec::<String>::new());
        assert!(found("a.sql", &"x\n".repeat(401))[0].starts_with("a.sql:1: 401 lines"));
        assert!(found("a.json", &"x\n".repeat(401)).is_empty());
    }

    #[test]
    fn a_function_that_is_too_long_is_found() {
        let text = format!("\nfn long() {{\n{}}}\n", "    let s = \"}\";\n".repeat(69));
        assert!(found("a.rs", &text)[0].starts_with("a.rs:2: `long` has 71 lines"));
    }

    #[test]
    fn a_table_in_a_string_does_not_make_a_function_long() {
        let table = "    a row of the table\n".repeat(80);
        let text = format!("fn short() {{\n    let table = \"\n{table}    \";\n}}\n");
        assert!(found("a.rs", &text).is_empty());
    }

    #[test]
    fn a_long_line_is_found_unless_it_cannot_be_broken() {
        let breakable = format!("// {}", "word ".repeat(25));
        assert_eq!(found("a.rs", &breakable).len(), 1);
        let address = format!("// https://example.com/{}", "a".repeat(100));
        assert!(found("a.rs", &address).is_empty());
        let row = format!("//! | {}|", "word | ".repeat(25));
        assert!(found("a.rs", &row).is_empty());
    }
}
