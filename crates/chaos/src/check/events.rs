//! Events: one for each change that is announced, at gapless positions, each read once by whoever
//! follows them, and each told to the webhook receiver at least once.

use std::collections::{BTreeMap, BTreeSet};

use super::Violation;
use crate::books::{Books, Event, Order};

pub(super) fn check(books: &Books) -> Vec<Violation> {
    let mut found = Vec::new();
    counted(books, &mut found);
    in_order(books, &mut found);
    delivered(books, &mut found);
    histories(books, &mut found);
    found
}

/// Each end of an order and of a refund is announced once, and nothing else is.
fn counted(books: &Books, found: &mut Vec<Violation>) {
    let mut expected: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for order in &books.orders {
        if let Some(kind) = announced(order) {
            expected.insert((&order.order_no, kind), 1);
        }
    }
    for refund in &books.refunds {
        let kind = match refund.state.as_str() {
            "succeeded" => "refund.succeeded",
            "closed" => "refund.closed",
            "abnormal" => "refund.abnormal",
            _ => continue,
        };
        expected.insert((&refund.refund_no, kind), 1);
    }
    let mut announced: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for event in books.events.iter().filter(|event| !is_exception(event)) {
        *announced
            .entry((&event.subject, &event.r#type))
            .or_default() += 1;
    }
    let all: BTreeSet<_> = expected.keys().chain(announced.keys()).copied().collect();
    for (subject, kind) in all {
        let count = |of: &BTreeMap<_, usize>| of.get(&(subject, kind)).copied().unwrap_or(0);
        let (expected, is) = (count(&expected), count(&announced));
        if expected != is {
            found.push(Violation::EventCount {
                subject: subject.to_owned(),
                kind: kind.to_owned(),
                expected,
                found: is,
            });
        }
    }
}

fn announced(order: &Order) -> Option<&'static str> {
    match order.state.as_str() {
        "paid" | "partially_refunded" | "refunded" => Some("order.paid"),
        "closed" => Some("order.closed"),
        _ => None,
    }
}

/// Exceptions are compared with the list of exceptions, which must be empty anyway.
fn is_exception(event: &Event) -> bool {
    event.r#type == "order.exception"
}

fn in_order(books: &Books, found: &mut Vec<Violation>) {
    let mut seen = BTreeSet::new();
    for event in &books.events {
        if !seen.insert(&event.id) {
            found.push(Violation::EventTwice {
                id: event.id.clone(),
            });
        }
    }
    if i64::try_from(books.events.len()) != Ok(books.last_position) {
        found.push(Violation::PositionGap {
            events: books.events.len(),
            last_position: books.last_position,
        });
    }
    let length = books.events.len().max(books.followed.len());
    let differs = (0..length).find_map(|index| {
        let listed = books.events.get(index).map(|event| &event.id);
        let followed = books.followed.get(index);
        (listed != followed).then(|| (listed.cloned(), followed.cloned()))
    });
    if let Some((listed, followed)) = differs {
        found.push(Violation::FollowedDiffers { followed, listed });
    }
}

fn delivered(books: &Books, found: &mut Vec<Violation>) {
    let told: BTreeSet<&str> = books.told.iter().map(String::as_str).collect();
    let known: BTreeSet<&str> = books.events.iter().map(|event| event.id.as_str()).collect();
    for event in &books.events {
        if !told.contains(event.id.as_str()) {
            found.push(Violation::NotTold {
                id: event.id.clone(),
                kind: event.r#type.clone(),
            });
        }
    }
    for id in told.difference(&known) {
        found.push(Violation::ToldOfNothing {
            id: (*id).to_owned(),
        });
    }
}

/// Each version of an order was written down once, and the last one is what the order is.
fn histories(books: &Books, found: &mut Vec<Violation>) {
    for order in &books.orders {
        let none = Vec::new();
        let history = books.histories.get(&order.order_no).unwrap_or(&none);
        let versions: Vec<i64> = history.iter().map(|(version, _)| *version).collect();
        let gapless = versions.iter().copied().eq(1..=order.version);
        let last = history.last().map(|(_, state)| state.as_str());
        if !gapless || last != Some(order.state.as_str()) {
            found.push(Violation::HistoryGap {
                order_no: order.order_no.clone(),
                versions,
                version: order.version,
            });
        }
    }
}
