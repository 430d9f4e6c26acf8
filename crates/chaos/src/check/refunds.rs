//! Refunds: each that was acknowledged is there, once, for its amount, and both sides agree on the
//! sum that went back.

use std::collections::BTreeMap;

use super::{Violation, grouped, owned};
use crate::books::{Books, HeldRefund, Refund};
use crate::history::Entry;

pub(super) fn check(history: &[Entry], books: &Books) -> Vec<Violation> {
    let mut found = Vec::new();
    told(history, books, &mut found);
    once(history, books, &mut found);
    wanted(history, books, &mut found);
    at_the_platform(books, &mut found);
    sums(books, &mut found);
    found
}

fn told(history: &[Entry], books: &Books, found: &mut Vec<Violation>) {
    let ours = by_number(books);
    for entry in history {
        if let Entry::ToldRefund { key, refund } = entry
            && !ours.contains_key(refund.refund_no.as_str())
        {
            found.push(Violation::LostRefund {
                key: key.clone(),
                refund_no: refund.refund_no.clone(),
            });
        }
    }
}

fn by_number(books: &Books) -> BTreeMap<&str, &Refund> {
    let refunds = books.refunds.iter();
    refunds
        .map(|refund| (refund.refund_no.as_str(), refund))
        .collect()
}

/// One key has one refund: in the answers, in our books, and at the platform.
fn once(history: &[Entry], books: &Books, found: &mut Vec<Violation>) {
    let mut numbers: Vec<(&str, &str)> = Vec::new();
    for entry in history {
        if let Entry::ToldRefund { key, refund } = entry {
            numbers.push((key, &refund.refund_no));
        }
    }
    let ours = books.refunds.iter().map(|it| (&it.reason, &it.refund_no));
    let theirs = books
        .held_refunds
        .iter()
        .map(|it| (&it.reason, &it.refund_no));
    numbers.extend(
        ours.chain(theirs)
            .map(|(key, no)| (key.as_str(), no.as_str())),
    );
    for (key, numbers) in grouped(&numbers, |(key, _)| key, |(_, number)| number) {
        if numbers.len() > 1 {
            found.push(Violation::DoubledRefund {
                key: key.to_owned(),
                refund_nos: owned(&numbers),
            });
        }
    }
}

fn wanted(history: &[Entry], books: &Books, found: &mut Vec<Violation>) {
    let mut intents = BTreeMap::new();
    for entry in history {
        if let Entry::WantsRefund { key, amount, .. } = entry {
            intents.insert(key.as_str(), *amount);
        }
    }
    for refund in &books.refunds {
        match intents.get(refund.reason.as_str()) {
            None => found.push(Violation::Invented {
                what: "refund",
                key: refund.reason.clone(),
                number: refund.refund_no.clone(),
            }),
            Some(wanted) if *wanted != refund.amount_fen => found.push(Violation::WrongAmount {
                what: "refund",
                number: refund.refund_no.clone(),
                wanted: *wanted,
                is: refund.amount_fen,
            }),
            Some(_) => {}
        }
    }
}

/// What WeChat calls the state that a refund has here.
fn status_of(state: &str) -> &'static str {
    match state {
        "requested" | "processing" => "PROCESSING",
        "succeeded" => "SUCCESS",
        "closed" => "CLOSED",
        "abnormal" => "ABNORMAL",
        _ => "?",
    }
}

fn at_the_platform(books: &Books, found: &mut Vec<Violation>) {
    let theirs: BTreeMap<&str, &HeldRefund> = books
        .held_refunds
        .iter()
        .map(|refund| (refund.refund_no.as_str(), refund))
        .collect();
    for refund in &books.refunds {
        let held = theirs.get(refund.refund_no.as_str());
        let status = held.map_or("unknown", |held| held.status.as_str());
        let amount = held.map(|held| held.amount);
        if status != status_of(&refund.state) || amount != Some(refund.amount_fen) {
            found.push(Violation::RefundDiffers {
                refund_no: refund.refund_no.clone(),
                ours: format!("{} of {}", refund.state, refund.amount_fen),
                theirs: amount.map_or_else(|| status.to_owned(), |is| format!("{status} of {is}")),
            });
        }
        if matches!(refund.state.as_str(), "requested" | "processing") {
            found.push(Violation::NotSettled {
                what: "refund",
                number: refund.refund_no.clone(),
                state: refund.state.clone(),
            });
        }
    }
    let ours = by_number(books);
    for held in &books.held_refunds {
        if !ours.contains_key(held.refund_no.as_str()) {
            found.push(Violation::LostRefund {
                key: held.reason.clone(),
                refund_no: held.refund_no.clone(),
            });
        }
    }
}

/// The order's own sum, the sum of its refunds here, and the sum of its refunds at the platform are
/// one, and no more than was paid.
fn sums(books: &Books, found: &mut Vec<Violation>) {
    let mut here: BTreeMap<&str, i64> = BTreeMap::new();
    for refund in books.refunds.iter().filter(|it| it.state == "succeeded") {
        *here.entry(&refund.order_no).or_default() += refund.amount_fen.get();
    }
    let mut there: BTreeMap<&str, i64> = BTreeMap::new();
    for refund in books
        .held_refunds
        .iter()
        .filter(|it| it.status == "SUCCESS")
    {
        *there.entry(&refund.order_no).or_default() += refund.amount.get();
    }
    for order in &books.orders {
        let sum = |of: &BTreeMap<&str, i64>| of.get(order.order_no.as_str()).copied().unwrap_or(0);
        let (ours, theirs, noted) = (sum(&here), sum(&there), order.refunded_fen.get());
        if ours != theirs || noted != theirs {
            found.push(Violation::SumDiffers {
                order_no: order.order_no.clone(),
                ours: format!("{noted} fen in the order and {ours} fen in its refunds"),
                theirs: format!("{theirs} fen"),
            });
        }
        if theirs > order.amount_fen.get() {
            found.push(Violation::RefundedTooMuch {
                order_no: order.order_no.clone(),
                paid: order.amount_fen,
                refunded: format!("{theirs} fen"),
            });
        }
    }
}
