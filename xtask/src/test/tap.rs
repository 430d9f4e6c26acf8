//! Reads what Node's test runner writes in TAP, the format for programs.

/// What a run of test files came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: usize,
    pub(super) failed: usize,
    /// Test name and reason.
    pub(super) skipped: Vec<(String, String)>,
}

/// `None` when the run broke off before its summary.
pub(super) fn counts(text: &str) -> Option<Counts> {
    let number = |word: &str| -> Option<usize> {
        // The last one is the summary of the whole run.
        let mut lines = text.lines().rev();
        lines.find_map(|line| {
            line.strip_prefix("# ")?
                .strip_prefix(word)?
                .trim()
                .parse()
                .ok()
        })
    };
    let skipped: Vec<_> = text.lines().filter_map(skip).collect();
    Some(Counts {
        passed: number("pass ")?,
        failed: number("fail ")? + number("cancelled ")? + number("todo ")?,
        skipped,
    })
}

/// `    ok 3 - a name # SKIP the reason`, indented when it belongs to a group.
fn skip(line: &str) -> Option<(String, String)> {
    let rest = line.trim_start().strip_prefix("ok ")?;
    let (test, reason) = rest.split_once(" # SKIP")?;
    let (_, name) = test.split_once(" - ")?;
    let reason = match reason.trim() {
        "" => "no reason given",
        reason => reason,
    };
    Some((name.replace("\\#", "#"), reason.replace("\\#", "#")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_counted_with_the_reasons_of_its_skips() {
        let text = "TAP version 13\n# Subtest: pay\n    # Subtest: it pays\n    ok 1 - it pays\n\
                    \x20   ok 2 - it runs elsewhere # SKIP only on Linux\n    1..2\nok 1 - pay\n\
                    1..1\n# tests 2\n# suites 1\n# pass 1\n# fail 0\n# cancelled 0\n\
                    # skipped 1\n# todo 0\n# duration_ms 61.2\n";
        let expected = Counts {
            passed: 1,
            failed: 0,
            skipped: vec![("it runs elsewhere".into(), "only on Linux".into())],
        };
        assert_eq!(counts(text), Some(expected));
    }

    #[test]
    fn what_was_cancelled_or_left_to_do_did_not_pass() {
        let text = "# pass 3\n# fail 1\n# cancelled 2\n# skipped 0\n# todo 1\n";
        assert_eq!(counts(text).unwrap().failed, 4);
    }

    #[test]
    fn a_run_that_breaks_off_has_no_counts() {
        assert_eq!(counts("TAP version 13\nok 1 - it pays\n"), None);
    }
}
