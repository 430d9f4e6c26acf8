//! The comparison of one day, step by step.

use std::collections::BTreeMap;

use fen::Fen;

use super::{BillEntry, BookEntry, Difference, DifferenceKind, Subject};

/// A comparison that is going on.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    groups: BTreeMap<Subject, Group>,
    missing: Vec<BookEntry>,
}

/// All rows of the bill about one subject. There should be one.
#[derive(Clone, Debug)]
struct Group {
    /// As the first of its rows in the order of amounts, so that the order of rows does not matter.
    entry: BillEntry,
    /// Every amount that was billed, in order.
    amounts: Vec<Fen>,
    explained: Explained,
}

/// How the books explain a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Explained {
    NotYet,
    /// Booked on the bill's day.
    Today(Fen),
    /// Booked on another day.
    OtherDay(Fen),
    /// Known, and on a list of its own.
    Known,
    Unknown,
}

/// What was found out about a row that the books of its day do not explain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Booked, on another day: days end while money is on its way.
    OtherDay(BookEntry),
    /// Not booked, and on the list of exceptions: somebody has been told.
    Known,
    /// Nothing.
    Nothing,
}

/// What a comparison has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The differences, each once, in the order of their subjects.
    pub differences: Vec<Difference>,
    /// What is in this bill and in the books of another day, or in none: when that other day is
    /// compared, it is not missing.
    pub strays: Vec<Subject>,
}

impl Comparison {
    /// Takes a row of the bill.
    pub fn bill(&mut self, entry: BillEntry) {
        match self.groups.get_mut(&entry.subject) {
            Some(group) => group.add(entry),
            None => {
                let group = Group {
                    amounts: vec![entry.amount],
                    explained: Explained::NotYet,
                    entry,
                };
                self.groups.insert(group.entry.subject.clone(), group);
            }
        }
    }

    /// Takes what the books have of the day, when all rows of the bill were taken.
    pub fn book(&mut self, entry: BookEntry) {
        match self.groups.get_mut(&entry.subject) {
            Some(group) => group.explained = Explained::Today(entry.amount),
            None => self.missing.push(entry),
        }
    }

    /// The rows that the books of the day do not explain, one for each subject.
    pub fn unexplained(&self) -> Vec<BillEntry> {
        let groups = self.groups.values();
        let open = groups.filter(|group| group.explained == Explained::NotYet);
        open.map(|group| group.entry.clone()).collect()
    }

    /// Takes what was found out about one of them. An entry of another subject explains nothing.
    pub fn found(&mut self, subject: &Subject, found: Found) {
        if let Some(group) = self.groups.get_mut(subject) {
            group.explained = match found {
                Found::OtherDay(entry) if entry.subject == *subject => {
                    Explained::OtherDay(entry.amount)
                }
                Found::Known => Explained::Known,
                Found::OtherDay(_) | Found::Nothing => Explained::Unknown,
            };
        }
    }

    /// What it comes to. What nobody explained is unknown.
    pub fn finish(self) -> Outcome {
        let mut outcome = Outcome::default();
        for group in self.groups.into_values() {
            group.judge(&mut outcome);
        }
        outcome
            .differences
            .extend(self.missing.into_iter().map(Difference::missing));
        outcome.differences.sort_by(|a, b| a.key().cmp(&b.key()));
        outcome.differences.dedup_by(|a, b| a.key() == b.key());
        outcome
    }
}

impl Group {
    fn add(&mut self, entry: BillEntry) {
        let place = self.amounts.partition_point(|at| *at <= entry.amount);
        self.amounts.insert(place, entry.amount);
        let first = |entry: &BillEntry| (entry.amount, entry.order_no.clone());
        if first(&entry) < first(&self.entry) {
            self.entry = entry;
        }
    }

    fn judge(self, outcome: &mut Outcome) {
        let Self {
            entry,
            amounts,
            explained,
        } = self;
        let mut differs = |kind| outcome.differences.push(Difference::of(&entry, kind));
        match explained {
            Explained::Today(booked) | Explained::OtherDay(booked) => {
                if let Some(billed) = amounts.iter().find(|amount| **amount != booked) {
                    let billed = *billed;
                    differs(DifferenceKind::AmountDiffers { billed, booked });
                }
            }
            Explained::Known => {}
            Explained::NotYet | Explained::Unknown => {
                let billed = entry.amount;
                differs(DifferenceKind::Unknown { billed });
            }
        }
        if amounts.len() > 1 {
            let billed = entry.amount;
            differs(DifferenceKind::Twice { billed });
        }
        if !matches!(explained, Explained::Today(_)) {
            outcome.strays.push(entry.subject);
        }
    }
}
