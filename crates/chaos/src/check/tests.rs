//! Good books pass, and each way in which they can be bad is seen.

use fen::Fen;

use super::{Violation, check};
use crate::books::{Books, Event, HeldOrder, HeldRefund, Order, Refund};
use crate::history::Entry;

fn fen(number: i64) -> Fen {
    Fen::new(number).unwrap()
}

fn order(no: &str, key: &str, state: &str, version: i64) -> Order {
    Order {
        order_no: no.into(),
        state: state.into(),
        amount_fen: fen(1000),
        refunded_fen: Fen::ZERO,
        description: key.into(),
        version,
    }
}

fn event(id: &str, kind: &str, subject: &str) -> Event {
    Event {
        id: id.into(),
        r#type: kind.into(),
        subject: subject.into(),
    }
}

fn refund(state: &str) -> Refund {
    Refund {
        refund_no: "R1".into(),
        order_no: "1".into(),
        amount_fen: fen(300),
        state: state.into(),
        reason: "back".into(),
    }
}

/// Order 1 was paid and 3 of its 10 yuan went back; order 2 was closed.
fn good() -> (Vec<Entry>, Books) {
    let mut paid = order("1", "first", "partially_refunded", 4);
    paid.refunded_fen = fen(300);
    let closed = order("2", "second", "closed", 3);
    (good_history(&closed), good_books(paid, closed))
}

fn good_history(closed: &Order) -> Vec<Entry> {
    let wants = |key: &str| Entry::WantsOrder {
        key: key.into(),
        amount: fen(1000),
    };
    let told = |key: Option<&str>, order: Order| Entry::ToldOrder {
        key: key.map(str::to_owned),
        order,
    };
    vec![
        wants("first"),
        told(Some("first"), order("1", "first", "awaiting_payment", 2)),
        Entry::Paid {
            order_no: "1".into(),
        },
        wants("second"),
        Entry::Uncertain {
            key: "second".into(),
            status: 0,
        },
        told(Some("second"), order("2", "second", "awaiting_payment", 2)),
        told(None, closed.clone()),
        Entry::WantsRefund {
            key: "back".into(),
            order_no: "1".into(),
            amount: fen(300),
        },
        Entry::ToldRefund {
            key: "back".into(),
            refund: refund("processing"),
        },
    ]
}

fn good_books(paid: Order, closed: Order) -> Books {
    let states = |names: &[&str]| -> Vec<(i64, String)> {
        let names = names.iter().map(|name| (*name).to_owned());
        (1..).zip(names).collect()
    };
    let held = |no: &str, state: &str| HeldOrder {
        order_no: no.into(),
        trade_state: state.into(),
        amount: fen(1000),
    };
    let ids = ["e1", "e2", "e3"].map(str::to_owned);
    let first = ["created", "awaiting_payment", "paid", "partially_refunded"];
    let second = ["created", "awaiting_payment", "closed"];
    Books {
        orders: vec![paid, closed],
        refunds: vec![refund("succeeded")],
        events: vec![
            event("e1", "order.paid", "1"),
            event("e2", "order.closed", "2"),
            event("e3", "refund.succeeded", "R1"),
        ],
        last_position: 3,
        histories: [("1", states(&first)), ("2", states(&second))]
            .map(|(no, history)| (no.to_owned(), history))
            .into(),
        exceptions: Vec::new(),
        held_orders: vec![held("1", "REFUND"), held("2", "CLOSED")],
        held_refunds: vec![HeldRefund {
            refund_no: "R1".into(),
            order_no: "1".into(),
            status: "SUCCESS".into(),
            amount: fen(300),
            reason: "back".into(),
        }],
        followed: ids.to_vec(),
        told: ids.iter().chain(&ids[..1]).cloned().collect(),
    }
}

/// What is found after `spoil` had its way.
fn found(spoil: impl FnOnce(&mut Vec<Entry>, &mut Books)) -> Vec<Violation> {
    let (mut history, mut books) = good();
    spoil(&mut history, &mut books);
    check(&history, &books)
}

/// Whether one of them is of this kind.
fn sees(found: &[Violation], kind: impl Fn(&Violation) -> bool) -> bool {
    assert!(found.iter().any(kind), "not among {found:#?}");
    true
}

#[test]
fn good_books_pass_and_a_webhook_may_come_twice() {
    assert_eq!(found(|_, _| {}), []);
}

#[test]
fn a_lost_acknowledgement_is_seen() {
    let found = found(|_, books| {
        books.orders.remove(1);
        books.held_orders.remove(1);
    });
    assert!(sees(
        &found,
        |it| matches!(it, Violation::LostOrder { order_no, .. } if order_no == "2")
    ));
    assert!(found[0].is_loss());
}

#[test]
fn an_order_that_went_back_is_seen() {
    let found = found(|_, books| books.orders[1].state = "awaiting_payment".into());
    assert!(sees(&found, |it| matches!(it, Violation::WentBack { .. })));
    assert!(sees(&found, |it| matches!(
        it,
        Violation::NotSettled { .. }
    )));
}

#[test]
fn a_payment_that_nobody_here_knows_of_is_seen() {
    let found = found(|_, books| books.orders[0].state = "closed".into());
    assert!(sees(&found, |it| matches!(
        it,
        Violation::LostPayment { .. }
    )));
    assert!(sees(&found, |it| matches!(
        it,
        Violation::StateDiffers { .. }
    )));
}

#[test]
fn a_doubled_order_is_seen_in_the_answers_and_in_the_books() {
    let twin = order("9", "first", "closed", 1);
    let in_books = found(|_, books| books.orders.push(twin.clone()));
    assert!(sees(&in_books, Violation::is_doubling));
    let in_answers = found(|history, _| {
        history.push(Entry::ToldOrder {
            key: Some("first".into()),
            order: twin.clone(),
        });
    });
    assert!(sees(&in_answers, |it| matches!(
        it,
        Violation::DoubledOrder { .. }
    )));
}

#[test]
fn a_doubled_refund_is_seen_at_the_platform_too() {
    let found = found(|_, books| {
        let mut twin = books.held_refunds[0].clone();
        twin.refund_no = "R2".into();
        books.held_refunds.push(twin);
    });
    assert!(sees(&found, |it| matches!(
        it,
        Violation::DoubledRefund { .. }
    )));
    assert!(sees(&found, |it| matches!(
        it,
        Violation::SumDiffers { .. }
    )));
}

#[test]
fn a_lost_refund_is_seen() {
    let found = found(|_, books| {
        books.refunds.clear();
        books.held_refunds.clear();
    });
    assert!(sees(&found, |it| matches!(
        it,
        Violation::LostRefund { .. }
    )));
}

#[test]
fn wrong_sums_are_seen() {
    let noted = found(|_, books| books.orders[0].refunded_fen = fen(299));
    assert!(sees(&noted, |it| matches!(
        it,
        Violation::SumDiffers { .. }
    )));
    let too_much = found(|_, books| books.held_refunds[0].amount = fen(1001));
    assert!(sees(&too_much, |it| matches!(
        it,
        Violation::RefundedTooMuch { .. }
    )));
    let another = found(|_, books| books.held_orders[0].amount = fen(999));
    assert!(sees(&another, |it| matches!(
        it,
        Violation::WrongAmount { .. }
    )));
    let refund = found(|_, books| books.refunds[0].amount_fen = fen(301));
    assert!(sees(&refund, |it| matches!(
        it,
        Violation::WrongAmount { .. }
    )));
}

#[test]
fn money_from_nowhere_is_seen() {
    let unknown = found(|_, books| {
        let mut held = books.held_orders[0].clone();
        held.order_no = "7".into();
        books.held_orders.push(held);
    });
    assert!(sees(&unknown, |it| matches!(
        it,
        Violation::UnknownHere { .. }
    )));
    let invented = found(|history, _| {
        history.retain(|it| !matches!(it, Entry::WantsOrder { .. }));
    });
    assert!(sees(&invented, |it| matches!(
        it,
        Violation::Invented { .. }
    )));
}

#[test]
fn a_gap_in_the_events_is_seen() {
    let missing = found(|_, books| {
        books.events.remove(1);
        books.followed.remove(1);
    });
    assert!(sees(&missing, |it| matches!(
        it,
        Violation::EventCount {
            expected: 1,
            found: 0,
            ..
        }
    )));
    assert!(sees(&missing, |it| matches!(
        it,
        Violation::PositionGap { .. }
    )));
    assert!(sees(&missing, |it| matches!(
        it,
        Violation::ToldOfNothing { .. }
    )));
    let skipped = found(|_, books| drop(books.followed.remove(0)));
    assert!(sees(&skipped, |it| matches!(
        it,
        Violation::FollowedDiffers { .. }
    )));
}

#[test]
fn an_event_that_comes_twice_is_seen() {
    let found = found(|_, books| {
        books.events.push(event("e1", "order.paid", "1"));
        books.followed.push("e1".into());
        books.last_position = 4;
    });
    assert!(sees(&found, |it| matches!(
        it,
        Violation::EventTwice { .. }
    )));
    assert!(sees(&found, |it| matches!(
        it,
        Violation::EventCount { found: 2, .. }
    )));
}

#[test]
fn a_webhook_that_never_came_is_seen() {
    let found = found(|_, books| books.told.retain(|id| id != "e2"));
    assert!(sees(&found, |it| matches!(it, Violation::NotTold { .. })));
}

#[test]
fn a_hole_in_a_history_is_seen() {
    let found = found(|_, books| drop(books.histories.get_mut("1").unwrap().remove(1)));
    assert!(sees(&found, |it| matches!(
        it,
        Violation::HistoryGap { .. }
    )));
}

#[test]
fn an_exception_is_seen() {
    let found = found(|_, books| books.exceptions.push("paid_after_close".into()));
    assert!(sees(&found, |it| matches!(it, Violation::Exception(_))));
}
