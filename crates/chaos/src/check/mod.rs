//! Compares what the clients saw with what everybody holds in the end. Pure: the same history and
//! books give the same verdict, so a check can be checked (`tests.rs`).

mod events;
mod orders;
mod refunds;
#[cfg(test)]
mod tests;
mod violation;

use std::collections::{BTreeMap, BTreeSet};

pub use violation::Violation;

use crate::books::Books;
use crate::history::Entry;

/// Everything that is wrong, in the order in which it is looked for.
pub fn check(history: &[Entry], books: &Books) -> Vec<Violation> {
    let mut found = orders::check(history, books);
    found.extend(refunds::check(history, books));
    found.extend(events::check(books));
    found
}

/// Counts for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub acknowledged_orders: usize,
    pub acknowledged_payments: usize,
    pub acknowledged_closes: usize,
    pub acknowledged_refunds: usize,
    pub attempts_without_certain_answer: usize,
    pub events: usize,
    pub webhooks_taken: usize,
}

/// What the clients were told for certain, each intent counted once.
pub fn counts(history: &[Entry], books: &Books) -> Counts {
    let mut orders = BTreeSet::new();
    let mut refunds = BTreeSet::new();
    let mut closes = BTreeSet::new();
    let mut counts = Counts {
        events: books.events.len(),
        webhooks_taken: books.told.len(),
        ..Counts::default()
    };
    for entry in history {
        match entry {
            Entry::ToldOrder { key, order } => {
                if key.is_some() {
                    orders.insert(&order.order_no);
                }
                if order.state == "closed" {
                    closes.insert(&order.order_no);
                }
            }
            Entry::ToldRefund { refund, .. } => {
                refunds.insert(&refund.refund_no);
            }
            Entry::Paid { .. } => counts.acknowledged_payments += 1,
            Entry::Uncertain { .. } => counts.attempts_without_certain_answer += 1,
            Entry::WantsOrder { .. } | Entry::WantsRefund { .. } | Entry::Refused { .. } => {}
        }
    }
    counts.acknowledged_orders = orders.len();
    counts.acknowledged_refunds = refunds.len();
    counts.acknowledged_closes = closes.len();
    counts
}

/// The things under each key, for finding keys that have two.
fn grouped<'a, T>(
    things: &'a [T],
    key: impl Fn(&'a T) -> &'a str,
    value: impl Fn(&'a T) -> &'a str,
) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for thing in things {
        groups.entry(key(thing)).or_default().insert(value(thing));
    }
    groups
}

fn owned(numbers: &BTreeSet<&str>) -> Vec<String> {
    numbers.iter().map(|number| (*number).to_owned()).collect()
}
