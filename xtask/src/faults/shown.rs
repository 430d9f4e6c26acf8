//! Which tests show which row: functions whose names begin with a row, and that really are tests.

use crate::tidy::{File, Tree, views};

/// A test that shows a row.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shown {
    /// `N04`.
    pub(super) row: String,
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) name: String,
    /// The first sentence of its comment.
    pub(super) says: String,
}

/// In the order of rows, then of files.
pub(super) fn of(tree: &Tree) -> Vec<Shown> {
    let files = tree.under("crates/").filter(|file| file.is("rs"));
    let mut shown: Vec<_> = files.flat_map(in_file).collect();
    shown.sort();
    shown
}

fn in_file(file: &File) -> Vec<Shown> {
    let code = views(&file.text).code;
    let code: Vec<_> = code.lines().collect();
    let text: Vec<_> = file.text.lines().collect();
    let test = |(index, line): (usize, &&str)| {
        let name = function_in(line)?;
        let row = row_of(name)?;
        let is_test = has_test_attribute(&code, index) || stands_in_a_macro(&code, index, name);
        is_test.then(|| Shown {
            row,
            path: file.path.clone(),
            line: index + 1,
            name: name.to_owned(),
            says: first_sentence(&text, index),
        })
    };
    code.iter().enumerate().filter_map(test).collect()
}

fn function_in(line: &str) -> Option<&str> {
    let rest = line.trim_start();
    let rest = rest.strip_prefix("async ").unwrap_or(rest);
    rest.strip_prefix("fn ")?.split(['(', '<']).next()
}

/// `n04_a_late_one` belongs to the row `N04`.
fn row_of(name: &str) -> Option<String> {
    let (row, rest) = name.split_once('_')?;
    let mut characters = row.chars();
    let letter = characters.next()?;
    let number = characters.as_str();
    let is_row = letter.is_ascii_lowercase()
        && number.len() == 2
        && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_row && !rest.is_empty()).then(|| row.to_uppercase())
}

/// `#[test]`, `#[tokio::test(…)]`, on one of the lines of attributes above.
fn has_test_attribute(code: &[&str], function: usize) -> bool {
    above(code, function)
        .filter_map(|line| line.strip_prefix("#["))
        .any(|attribute| attribute.starts_with("test") || attribute.starts_with("tokio::test"))
}

/// A journey becomes tests by standing in the list of a macro, such as `on_both_engines!`: alone on
/// a line, before a comma or before the end of the list.
fn stands_in_a_macro(code: &[&str], function: usize, name: &str) -> bool {
    let mentions = |line: &str| {
        line.split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == name)
    };
    let is_listed = |line: &str| {
        line.trim()
            .trim_end_matches([',', ';', ')'])
            .ends_with(name)
    };
    let others = code
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != function);
    others
        .map(|(_, line)| *line)
        .any(|line| mentions(line) && (is_listed(line) || line.contains("!(")))
}

fn first_sentence(text: &[&str], function: usize) -> String {
    let mut comment: Vec<_> = above(text, function)
        .filter_map(|line| line.strip_prefix("///"))
        .map(str::trim)
        .collect();
    comment.reverse();
    let comment = comment.join(" ");
    match comment.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => comment,
    }
}

/// The lines above a function that belong to it, the nearest first.
fn above<'a>(lines: &'a [&'a str], function: usize) -> impl Iterator<Item = &'a str> {
    let before = lines[..function].iter().rev().map(|line| line.trim());
    // In the code view a comment is an empty line.
    before.take_while(|line| line.is_empty() || line.starts_with("#[") || line.starts_with("///"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(String, String)> {
        let tree = Tree::of(&[("crates/a/tests/it/b.rs", text)]);
        let all = of(&tree).into_iter();
        all.map(|one| (one.row, one.says)).collect()
    }

    #[test]
    fn a_test_shows_its_row_with_its_first_sentence() {
        let text = "/// A late one\n/// is taken. And more.\n#[tokio::test(flavor = \"x\")]\n\
                    async fn n04_a_late_one() {}\n";
        assert_eq!(shown(text), [("N04".into(), "A late one is taken.".into())]);
    }

    #[test]
    fn a_journey_is_a_test_when_a_macro_lists_it() {
        let journey = "/// One.\nasync fn p01_one(world: World) {}\n";
        assert_eq!(shown(journey), []);
        let listed = format!("{journey}on_both_engines! {{\n    p01_one,\n}}\n");
        assert_eq!(shown(&listed).len(), 1);
        let in_one_line = format!("on_both_engines!(p01_one);\n{journey}");
        assert_eq!(shown(&in_one_line).len(), 1);
    }

    #[test]
    fn helpers_comments_and_other_names_are_no_tests() {
        assert_eq!(shown("fn n01_help() {}\n"), []);
        assert_eq!(shown("// fn n01_x\n#[test]\nfn next1_step() {}\n"), []);
        assert_eq!(shown("/// #[test]\nfn n01_x() {}\n"), []);
        assert_eq!(shown("fn n01_x() {}\nfn other() { n01_x(); }\n"), []);
    }
}
