//! Paths of one person's machine do not belong into a repository.

use super::Finding;
use super::tree::Tree;

/// Top folders that exist on one machine and not on the next.
const TOPS: [&str; 4] = ["work", "root", "home", "Users"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for (number, line) in file.lines() {
            for top in TOPS {
                if names_a_path_under(line, top) {
                    let what = format!("a path under /{top}; write it relative to the repository");
                    findings.push(Finding::new(&file.path, number, what));
                }
            }
        }
    }
    findings
}

fn names_a_path_under(line: &str, top: &str) -> bool {
    let place = format!("/{top}/");
    line.match_indices(&place).any(|(start, _)| {
        // Part of a longer path or of an address, such as `docs.rs/work/…`.
        let before = line[..start].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "_-.~/{}".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_machine_is_found() {
        let text = format!("see /{}/someone/notes\n", TOPS[2]);
        let findings = check(&Tree::of(&[("README.md", &text)]));
        assert_eq!(findings[0].line, 1);
    }

    #[test]
    fn an_address_is_no_path() {
        let text = format!("https://example.com/{}/page ./{}/x\n", TOPS[2], TOPS[0]);
        assert!(check(&Tree::of(&[("README.md", &text)])).is_empty());
    }
}
