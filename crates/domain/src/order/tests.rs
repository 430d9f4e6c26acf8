use std::fmt::Write as _;

use expect_test::expect;

use super::*;

fn payment(transaction_id: &str) -> Payment {
    Payment {
        transaction_id: TransactionId::new(transaction_id).unwrap(),
        paid_at: Millis(5003),
    }
}

fn prepay(prepay_id: &str, issued_at: i64) -> Prepay {
    Prepay {
        prepay_id: PrepayId::new(prepay_id).unwrap(),
        issued_at: Millis(issued_at),
    }
}

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}

fn order(state: OrderState) -> Order {
    Order {
        mch_id: MchId::new("1900000100").unwrap(),
        order_no: OrderNo::new("order-1").unwrap(),
        app_id: AppId::new("wx1").unwrap(),
        openid: OpenId::new("buyer").unwrap(),
        amount: fen(100),
        description: "tea".into(),
        notify_url: "https://example.com/".into(),
        metadata: None,
        created_at: Millis(0),
        expires_at: Millis(1_800_000),
        state,
        version: 3,
    }
}

fn states() -> [OrderState; 6] {
    [
        OrderState::Created,
        OrderState::AwaitingPayment {
            prepay: prepay("p1", 1000),
        },
        OrderState::Paid {
            payment: payment("t1"),
        },
        OrderState::PartiallyRefunded {
            payment: payment("t1"),
            refunded: fen(30),
        },
        OrderState::Refunded {
            payment: payment("t1"),
        },
        OrderState::Closed {
            closed_at: Millis(9007),
        },
    ]
}

fn events() -> Vec<(&'static str, OrderEvent)> {
    let refund = |total| OrderEvent::RefundSucceeded {
        refunded_total: fen(total),
    };
    vec![
        ("prepay p1", OrderEvent::PrepayIssued(prepay("p1", 2000))),
        ("prepay p2", OrderEvent::PrepayIssued(prepay("p2", 2000))),
        ("payment t1", OrderEvent::PaymentConfirmed(payment("t1"))),
        ("payment t2", OrderEvent::PaymentConfirmed(payment("t2"))),
        ("close", OrderEvent::CloseConfirmed { at: Millis(8000) }),
        ("refund 0", refund(0)),
        ("refund 30", refund(30)),
        ("refund 31", refund(31)),
        ("refund 100", refund(100)),
        ("refund 101", refund(101)),
    ]
}

fn describe(outcome: Result<Transition, Refusal>) -> String {
    match outcome {
        Ok(Transition::Advanced(OrderState::AwaitingPayment { prepay })) => {
            format!("awaiting_payment by {}", prepay.prepay_id)
        }
        Ok(Transition::Advanced(OrderState::PartiallyRefunded { refunded, .. })) => {
            format!("partially_refunded {refunded}")
        }
        Ok(Transition::Advanced(next)) => next.name().into(),
        Ok(Transition::AlreadyApplied) => "(already)".into(),
        Err(refusal) => {
            // The name is enough here; the sentences have a test of their own.
            let debug = format!("{refusal:?}");
            let name = debug.split([' ', '{']).next().unwrap();
            format!("refused: {name}")
        }
    }
}

#[test]
fn the_machine_is_this_table() {
    let mut table = String::new();
    for state in states() {
        for (name, event) in events() {
            let outcome = describe(order(state.clone()).apply(event));
            writeln!(table, "{:18} + {name:10} -> {outcome}", state.name()).unwrap();
        }
        table.push('\n');
    }
    expect![[r#"
        created            + prepay p1  -> awaiting_payment by p1
        created            + prepay p2  -> awaiting_payment by p2
        created            + payment t1 -> paid
        created            + payment t2 -> paid
        created            + close      -> closed
        created            + refund 0   -> refused: RefundBeforePayment
        created            + refund 30  -> refused: RefundBeforePayment
        created            + refund 31  -> refused: RefundBeforePayment
        created            + refund 100 -> refused: RefundBeforePayment
        created            + refund 101 -> refused: RefundBeforePayment

        awaiting_payment   + prepay p1  -> (already)
        awaiting_payment   + prepay p2  -> awaiting_payment by p2
        awaiting_payment   + payment t1 -> paid
        awaiting_payment   + payment t2 -> paid
        awaiting_payment   + close      -> closed
        awaiting_payment   + refund 0   -> refused: RefundBeforePayment
        awaiting_payment   + refund 30  -> refused: RefundBeforePayment
        awaiting_payment   + refund 31  -> refused: RefundBeforePayment
        awaiting_payment   + refund 100 -> refused: RefundBeforePayment
        awaiting_payment   + refund 101 -> refused: RefundBeforePayment

        paid               + prepay p1  -> refused: NotPayable
        paid               + prepay p2  -> refused: NotPayable
        paid               + payment t1 -> (already)
        paid               + payment t2 -> refused: PaidTwice
        paid               + close      -> refused: CloseAfterPaid
        paid               + refund 0   -> (already)
        paid               + refund 30  -> partially_refunded 0.30
        paid               + refund 31  -> partially_refunded 0.31
        paid               + refund 100 -> refunded
        paid               + refund 101 -> refused: RefundExceedsPayment

        partially_refunded + prepay p1  -> refused: NotPayable
        partially_refunded + prepay p2  -> refused: NotPayable
        partially_refunded + payment t1 -> (already)
        partially_refunded + payment t2 -> refused: PaidTwice
        partially_refunded + close      -> refused: CloseAfterPaid
        partially_refunded + refund 0   -> (already)
        partially_refunded + refund 30  -> (already)
        partially_refunded + refund 31  -> partially_refunded 0.31
        partially_refunded + refund 100 -> refunded
        partially_refunded + refund 101 -> refused: RefundExceedsPayment

        refunded           + prepay p1  -> refused: NotPayable
        refunded           + prepay p2  -> refused: NotPayable
        refunded           + payment t1 -> (already)
        refunded           + payment t2 -> refused: PaidTwice
        refunded           + close      -> refused: CloseAfterPaid
        refunded           + refund 0   -> (already)
        refunded           + refund 30  -> (already)
        refunded           + refund 31  -> (already)
        refunded           + refund 100 -> (already)
        refunded           + refund 101 -> refused: RefundExceedsPayment

        closed             + prepay p1  -> refused: NotPayable
        closed             + prepay p2  -> refused: NotPayable
        closed             + payment t1 -> refused: PaidAfterClose
        closed             + payment t2 -> refused: PaidAfterClose
        closed             + close      -> (already)
        closed             + refund 0   -> refused: RefundBeforePayment
        closed             + refund 30  -> refused: RefundBeforePayment
        closed             + refund 31  -> refused: RefundBeforePayment
        closed             + refund 100 -> refused: RefundBeforePayment
        closed             + refund 101 -> refused: RefundBeforePayment

    "#]]
    .assert_eq(&table);
}

#[test]
fn each_refusal_says_what_to_do() {
    let sentences: std::collections::BTreeSet<String> = states()
        .into_iter()
        .flat_map(|state| {
            events()
                .into_iter()
                .map(move |(_, event)| (state.clone(), event))
        })
        .filter_map(|(state, event)| order(state).apply(event).err())
        .map(|refusal| refusal.to_string() + "\n")
        .collect();
    expect![[r#"
        1.01 yuan went back of 1.00 yuan paid: look at the refunds
        a refund came for an order that is awaiting_payment: query the order first
        a refund came for an order that is closed: query the order first
        a refund came for an order that is created: query the order first
        payment t1 came for an order that is closed: refund it
        payment t2 came for an order that is closed: refund it
        payment t2 came for an order that payment t1 had paid: refund it
        the order is closed and cannot be paid: place a new one
        the order is paid and cannot be closed: refund it instead
        the order is paid and cannot be paid: place a new one
        the order is partially_refunded and cannot be closed: refund it instead
        the order is partially_refunded and cannot be paid: place a new one
        the order is refunded and cannot be closed: refund it instead
        the order is refunded and cannot be paid: place a new one
    "#]]
    .assert_eq(&sentences.into_iter().collect::<String>());
}

#[test]
fn nothing_leaves_a_payment_behind() {
    for state in states()
        .into_iter()
        .filter(|state| state.payment().is_some())
    {
        for (name, event) in events() {
            if let Ok(Transition::Advanced(next)) = order(state.clone()).apply(event) {
                assert_eq!(next.payment(), state.payment(), "{} + {name}", state.name());
            }
        }
    }
}

#[test]
fn an_event_that_advanced_an_order_is_a_repeat_afterwards() {
    for state in states() {
        for (name, event) in events() {
            let before = order(state.clone());
            if let Ok(Transition::Advanced(next)) = before.apply(event.clone()) {
                let after = before.moved_to(next);
                assert_eq!(after.version, before.version + 1);
                let again = after.apply(event);
                assert_eq!(
                    again,
                    Ok(Transition::AlreadyApplied),
                    "{} + {name}",
                    state.name()
                );
            }
        }
    }
}

#[test]
fn the_same_permission_again_keeps_its_age() {
    let waiting = order(OrderState::AwaitingPayment {
        prepay: prepay("p1", 1000),
    });
    let again = waiting.apply(OrderEvent::PrepayIssued(prepay("p1", 7_000_000)));
    assert_eq!(again, Ok(Transition::AlreadyApplied));
}

#[test]
fn only_misplaced_money_needs_a_person() {
    let kinds: Vec<_> = states()
        .into_iter()
        .flat_map(|state| {
            events()
                .into_iter()
                .map(move |(_, event)| (state.clone(), event))
        })
        .filter_map(|(state, event)| order(state).apply(event).err())
        .filter_map(|refusal| refusal.exception())
        .map(ExceptionKind::name)
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    assert_eq!(
        kinds,
        ["paid_after_close", "paid_twice", "refund_exceeds_payment"]
    );
}

#[test]
fn a_state_survives_json() {
    for state in states() {
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(
            serde_json::from_str::<OrderState>(&text).unwrap(),
            state,
            "{text}"
        );
    }
}

#[test]
fn names_are_complete() {
    assert_eq!(states().each_ref().map(OrderState::name), OrderState::NAMES);
}
