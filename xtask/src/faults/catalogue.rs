//! The rows, as the data file has them.

use anyhow::Context;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Catalogue {
    #[serde(rename = "group")]
    pub(super) groups: Vec<Group>,
}

/// Faults of one kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub(super) letter: char,
    pub(super) zh: String,
    pub(super) en: String,
    #[serde(rename = "row")]
    rows: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    number: u8,
    zh: String,
    en: String,
    must: String,
    /// Its tests are being written.
    #[serde(default)]
    awaited: bool,
}

/// One fault, and what must happen.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    letter: char,
    number: u8,
    pub(super) zh: &'a str,
    pub(super) en: &'a str,
    pub(super) must: &'a str,
    pub(super) awaited: bool,
}

impl Catalogue {
    pub(super) fn read() -> anyhow::Result<Self> {
        toml::from_str(include_str!("catalogue.toml")).context("the catalogue of faults")
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.groups.iter().flat_map(Group::rows)
    }
}

impl Group {
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let letter = self.letter;
        self.rows.iter().map(move |entry| Row {
            letter,
            number: entry.number,
            zh: &entry.zh,
            en: &entry.en,
            must: &entry.must,
            awaited: entry.awaited,
        })
    }
}

impl Row<'_> {
    /// `N04`; tests begin with it in small letters.
    pub(super) fn name(self) -> String {
        format!("{}{:02}", self.letter, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_numbered_without_gaps() {
        let catalogue = Catalogue::read().unwrap();
        for group in &catalogue.groups {
            let numbers = group.rows().map(|row| row.number);
            assert!(numbers.eq(1..=u8::try_from(group.rows.len()).unwrap()));
        }
        assert_eq!(catalogue.rows().count(), 57);
    }
}
