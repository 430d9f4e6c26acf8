//! Orders: each that was acknowledged is there, once, for its amount, in the state that the
//! platform has it in, and never earlier in its life than somebody was told.

use std::collections::BTreeMap;

use super::{Violation, grouped, owned};
use crate::books::{Books, HeldOrder, Order};
use crate::history::Entry;

pub(super) fn check(history: &[Entry], books: &Books) -> Vec<Violation> {
    let mut found = Vec::new();
    let ours: BTreeMap<&str, &Order> = books
        .orders
        .iter()
        .map(|order| (order.order_no.as_str(), order))
        .collect();
    told(history, &ours, &mut found);
    once(history, books, &mut found);
    wanted(history, books, &mut found);
    at_the_platform(books, &ours, &mut found);
    found.extend(books.exceptions.iter().cloned().map(Violation::Exception));
    found
}

/// What was told still holds.
fn told(history: &[Entry], ours: &BTreeMap<&str, &Order>, found: &mut Vec<Violation>) {
    for entry in history {
        match entry {
            Entry::ToldOrder { key, order: told } => match ours.get(told.order_no.as_str()) {
                None => found.push(Violation::LostOrder {
                    key: key.clone().unwrap_or_else(|| told.description.clone()),
                    order_no: told.order_no.clone(),
                }),
                Some(is) if !follows(told, is) => found.push(Violation::WentBack {
                    order_no: told.order_no.clone(),
                    told: told.state.clone(),
                    version: told.version,
                    is: is.state.clone(),
                }),
                Some(_) => {}
            },
            Entry::Paid { order_no } => {
                let is = ours.get(order_no.as_str()).map(|order| &order.state);
                if is.is_none_or(|state| rank(state) != PAID) {
                    found.push(Violation::LostPayment {
                        order_no: order_no.clone(),
                        is: is.map_or("missing", String::as_str).to_owned(),
                    });
                }
            }
            Entry::WantsOrder { .. }
            | Entry::WantsRefund { .. }
            | Entry::ToldRefund { .. }
            | Entry::Uncertain { .. }
            | Entry::Refused { .. } => {}
        }
    }
}

const PAID: u8 = 2;
const CLOSED: u8 = 3;

/// How far an order has come. From one of the last two there is no way to the other.
fn rank(state: &str) -> u8 {
    match state {
        "created" => 0,
        "awaiting_payment" => 1,
        "paid" | "partially_refunded" | "refunded" => PAID,
        "closed" => CLOSED,
        _ => u8::MAX,
    }
}

/// Whether an order can have become what it is from what somebody was told.
fn follows(told: &Order, is: &Order) -> bool {
    let (from, to) = (rank(&told.state), rank(&is.state));
    let forward = match from {
        PAID | CLOSED => from == to,
        _ => from <= to,
    };
    let kept = told.amount_fen == is.amount_fen && told.description == is.description;
    forward && kept && told.version <= is.version && told.refunded_fen <= is.refunded_fen
}

/// One key has one order, in the answers and in the books.
fn once(history: &[Entry], books: &Books, found: &mut Vec<Violation>) {
    let mut answers: Vec<(&str, &str)> = Vec::new();
    for entry in history {
        if let Entry::ToldOrder {
            key: Some(key),
            order,
        } = entry
        {
            answers.push((key, &order.order_no));
        }
    }
    for order in &books.orders {
        answers.push((&order.description, &order.order_no));
    }
    for (key, numbers) in grouped(&answers, |(key, _)| key, |(_, number)| number) {
        if numbers.len() > 1 {
            found.push(Violation::DoubledOrder {
                key: key.to_owned(),
                order_nos: owned(&numbers),
            });
        }
    }
}

/// No order that nobody asked for, and none for another amount.
fn wanted(history: &[Entry], books: &Books, found: &mut Vec<Violation>) {
    let intents: BTreeMap<_, _> = history
        .iter()
        .filter_map(|entry| match entry {
            Entry::WantsOrder { key, amount } => Some((key.as_str(), *amount)),
            _ => None,
        })
        .collect();
    for order in &books.orders {
        match intents.get(order.description.as_str()) {
            None => found.push(Violation::Invented {
                what: "order",
                key: order.description.clone(),
                number: order.order_no.clone(),
            }),
            Some(wanted) if *wanted != order.amount_fen => found.push(Violation::WrongAmount {
                what: "order",
                number: order.order_no.clone(),
                wanted: *wanted,
                is: order.amount_fen,
            }),
            Some(_) => {}
        }
    }
}

/// The platform is the truth about money.
fn at_the_platform(books: &Books, ours: &BTreeMap<&str, &Order>, found: &mut Vec<Violation>) {
    for held in &books.held_orders {
        match ours.get(held.order_no.as_str()) {
            None => found.push(Violation::UnknownHere {
                order_no: held.order_no.clone(),
            }),
            Some(order) => compare(order, held, found),
        }
    }
    for order in &books.orders {
        let is_held = |held: &&HeldOrder| held.order_no == order.order_no && held.is_paid();
        if rank(&order.state) == PAID && !books.held_orders.iter().any(|held| is_held(&held)) {
            found.push(Violation::StateDiffers {
                order_no: order.order_no.clone(),
                ours: order.state.clone(),
                theirs: "not paid".to_owned(),
            });
        }
        if rank(&order.state) < PAID {
            found.push(Violation::NotSettled {
                what: "order",
                number: order.order_no.clone(),
                state: order.state.clone(),
            });
        }
    }
}

fn compare(order: &Order, held: &HeldOrder, found: &mut Vec<Violation>) {
    let agree = match held.trade_state.as_str() {
        "SUCCESS" | "REFUND" => rank(&order.state) == PAID,
        // An order that WeChat never heard of is closed here alone, and one whose prepay came too
        // late for its close lapses there by itself.
        "CLOSED" | "NOTPAY" => order.state == "closed",
        _ => false,
    };
    if !agree {
        found.push(Violation::StateDiffers {
            order_no: order.order_no.clone(),
            ours: order.state.clone(),
            theirs: held.trade_state.clone(),
        });
    }
    if order.amount_fen != held.amount {
        found.push(Violation::WrongAmount {
            what: "order",
            number: order.order_no.clone(),
            wanted: order.amount_fen,
            is: held.amount,
        });
    }
}
