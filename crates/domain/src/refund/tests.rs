use std::fmt::Write as _;

use expect_test::expect;

use super::*;

fn id() -> RefundId {
    RefundId::new("503001").unwrap()
}

fn refund(state: RefundState) -> Refund {
    Refund {
        mch_id: MchId::new("1900000100").unwrap(),
        refund_no: RefundNo::new("R1").unwrap(),
        order_no: OrderNo::new("order-1").unwrap(),
        transaction_id: TransactionId::new("4200001").unwrap(),
        amount: Fen::new(30).unwrap(),
        total: Fen::new(100).unwrap(),
        reason: Some("售完".into()),
        notify_url: Some("https://example.com/".into()),
        origin: RefundOrigin::Request,
        created_at: Millis(0),
        state,
        version: 1,
    }
}

fn states() -> [(&'static str, RefundState); 6] {
    let closed = |refund_id, reason| RefundState::Closed {
        refund_id,
        closed_at: Millis(3000),
        reason,
    };
    [
        ("requested", RefundState::Requested),
        ("processing", RefundState::Processing { refund_id: id() }),
        (
            "succeeded",
            RefundState::Succeeded {
                refund_id: id(),
                succeeded_at: Millis(2000),
                received_account: Some(ReceivedAccount("招商银行0403".into())),
            },
        ),
        ("closed by WeChat", closed(Some(id()), None)),
        ("closed by refusal", closed(None, Some("NO_AUTH".into()))),
        (
            "abnormal",
            RefundState::Abnormal {
                refund_id: id(),
                since: Millis(2500),
            },
        ),
    ]
}

fn events() -> [(&'static str, RefundEvent); 5] {
    let (refund_id, at) = (id(), Millis(9000));
    [
        (
            "accepted",
            RefundEvent::Accepted {
                refund_id: refund_id.clone(),
            },
        ),
        (
            "success",
            RefundEvent::Succeeded {
                refund_id: refund_id.clone(),
                at,
                received_account: None,
            },
        ),
        (
            "close",
            RefundEvent::Closed {
                refund_id: refund_id.clone(),
                at,
            },
        ),
        ("stuck", RefundEvent::Stuck { refund_id, at }),
        (
            "refusal",
            RefundEvent::Refused {
                at,
                reason: "NO_AUTH".into(),
            },
        ),
    ]
}

#[test]
fn the_table() {
    let mut table = String::new();
    for (name, state) in states() {
        for (event_name, event) in events() {
            let outcome = match refund(state.clone()).apply(event) {
                Ok(RefundTransition::Advanced(next)) => next.name().to_owned(),
                Ok(RefundTransition::AlreadyApplied) => "(already)".to_owned(),
                Err(refusal) => format!("refused: {refusal:?}"),
            };
            writeln!(table, "{name:<17} + {event_name:<8} -> {outcome}").unwrap();
        }
        table.push('\n');
    }
    expect![[r#"
        requested         + accepted -> processing
        requested         + success  -> succeeded
        requested         + close    -> closed
        requested         + stuck    -> abnormal
        requested         + refusal  -> closed

        processing        + accepted -> (already)
        processing        + success  -> succeeded
        processing        + close    -> closed
        processing        + stuck    -> abnormal
        processing        + refusal  -> refused: RefusedAfterAcceptance { state: "processing" }

        succeeded         + accepted -> (already)
        succeeded         + success  -> (already)
        succeeded         + close    -> refused: ClosedAfterSuccess
        succeeded         + stuck    -> (already)
        succeeded         + refusal  -> refused: RefusedAfterAcceptance { state: "succeeded" }

        closed by WeChat  + accepted -> (already)
        closed by WeChat  + success  -> refused: SuccessAfterClose
        closed by WeChat  + close    -> (already)
        closed by WeChat  + stuck    -> (already)
        closed by WeChat  + refusal  -> (already)

        closed by refusal + accepted -> processing
        closed by refusal + success  -> succeeded
        closed by refusal + close    -> (already)
        closed by refusal + stuck    -> abnormal
        closed by refusal + refusal  -> (already)

        abnormal          + accepted -> processing
        abnormal          + success  -> succeeded
        abnormal          + close    -> closed
        abnormal          + stuck    -> (already)
        abnormal          + refusal  -> refused: RefusedAfterAcceptance { state: "abnormal" }

    "#]]
    .assert_eq(&table);
}

#[test]
fn an_event_that_advanced_a_refund_is_a_repeat_afterwards() {
    for (name, state) in states() {
        for (event_name, event) in events() {
            let before = refund(state.clone());
            if let Ok(RefundTransition::Advanced(next)) = before.apply(event.clone()) {
                let after = before.moved_to(next);
                assert_eq!(after.version, before.version + 1);
                let again = after.apply(event);
                let repeat = Ok(RefundTransition::AlreadyApplied);
                assert_eq!(again, repeat, "{name} + {event_name}");
            }
        }
    }
}

#[test]
fn what_nobody_asks_about_stays() {
    for (name, state) in states() {
        for (event_name, event) in events() {
            let moves = matches!(
                refund(state.clone()).apply(event),
                Ok(RefundTransition::Advanced(_))
            );
            let waited_for = next_look(&refund(state.clone()), Millis(9000)).is_some();
            assert!(waited_for || !moves, "{name} + {event_name}");
        }
    }
}

#[test]
fn a_state_survives_json_and_has_its_name() {
    for (_, state) in states() {
        let text = serde_json::to_string(&state).unwrap();
        let read: RefundState = serde_json::from_str(&text).unwrap();
        assert_eq!(read, state, "{text}");
        assert!(RefundState::NAMES.contains(&state.name()));
        assert!(text.contains(&format!("\"state\":\"{}\"", state.name())));
    }
}

#[test]
fn a_report_about_another_refund_is_not_taken_for_this_one() {
    let refund = refund(RefundState::Processing { refund_id: id() });
    let fact = RefundFact {
        mch_id: refund.mch_id.clone(),
        refund_no: refund.refund_no.clone(),
        refund_id: id(),
        order_no: refund.order_no.clone(),
        transaction_id: refund.transaction_id.clone(),
        amount: refund.amount,
        total: refund.total,
        status: RefundStatus::Processing,
    };
    assert_eq!(refund.check(&fact), Ok(()));
    let checked = |spoil: fn(&mut RefundFact)| {
        let mut fact = fact.clone();
        spoil(&mut fact);
        refund.check(&fact).map_err(|RefundMismatch(part)| part)
    };
    let other = |f: &mut RefundFact| f.refund_id = RefundId::new("503002").unwrap();
    assert_eq!(checked(other), Err("refund_id"));
    assert_eq!(checked(|f| f.amount = Fen::new(31).unwrap()), Err("amount"));
    assert_eq!(checked(|f| f.total = Fen::new(99).unwrap()), Err("total"));
    let other = |f: &mut RefundFact| f.transaction_id = TransactionId::new("t2").unwrap();
    assert_eq!(checked(other), Err("transaction_id"));
    let other = |f: &mut RefundFact| f.order_no = OrderNo::new("order-2").unwrap();
    assert_eq!(checked(other), Err("order_no"));
}

#[test]
fn the_view_has_the_fields_of_the_contract() {
    let (_, succeeded) = states()[2].clone();
    let view = RefundView::from(&refund(succeeded));
    expect![[r#"
        {
          "refund_no": "R1",
          "order_no": "order-1",
          "amount_fen": 30,
          "state": "succeeded",
          "reason": "售完",
          "refund_id": "503001",
          "created_at": "1970-01-01T08:00:00+08:00",
          "succeeded_at": "1970-01-01T08:00:02+08:00",
          "received_account": "招商银行0403",
          "version": 1
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&view).unwrap());
}
