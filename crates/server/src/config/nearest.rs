//! "Did you mean": the known name that is fewest single-letter changes away.

/// The closest of `known`, when it is close enough to be a slip of the hand.
pub(super) fn nearest<'k>(
    typed: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    // A third of the letters: `listn` finds `listen`, `url` does not find `name`.
    let limit = (typed.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (distance(typed, name), name))
        .filter(|(changes, name)| *changes <= limit || is_part(typed, name))
        .min_by_key(|(changes, _)| *changes)
        .map(|(_, name)| name)
}

/// `key` for `api_key`, `secret` for `app_secret`: a name left half-written.
fn is_part(typed: &str, name: &str) -> bool {
    // Shorter pieces occur inside too many names to mean anything.
    const SHORTEST_PIECE: usize = 5;
    typed.len() >= SHORTEST_PIECE && (name.contains(typed) || typed.contains(name))
}

/// Levenshtein distance by one row.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn a_slip_finds_the_name_that_was_meant() {
        let known = ["listen", "admin_listen", "public_url"];
        assert_eq!(nearest("listn", known), Some("listen"));
        assert_eq!(nearest("public-url", known), Some("public_url"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
    }

    #[test]
    fn distance_counts_insertions_deletions_and_changes() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("单号", "单"), 1);
    }
}
