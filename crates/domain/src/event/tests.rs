use expect_test::expect;
use fen::Fen;

use super::*;
use crate::{AppId, MchId, OpenId, Payment, TransactionId};

fn pretty(event: &DomainEvent) -> String {
    let data: serde_json::Value = serde_json::from_str(&event.data()).unwrap();
    serde_json::to_string_pretty(&data).unwrap()
}

fn order(state: OrderState) -> Order {
    Order {
        mch_id: MchId::new("1900000100").unwrap(),
        order_no: OrderNo::new("order-1").unwrap(),
        app_id: AppId::new("wx1").unwrap(),
        openid: OpenId::new("the-buyer").unwrap(),
        amount: Fen::new(1790).unwrap(),
        description: "茶".into(),
        notify_url: "https://example.com/".into(),
        metadata: Some("private".into()),
        created_at: Millis(1_795_444_721_123),
        expires_at: Millis(1_795_446_521_123),
        state,
        version: 3,
    }
}

fn paid() -> Order {
    order(OrderState::Paid {
        payment: Payment {
            transaction_id: TransactionId::new("4200001").unwrap(),
            paid_at: Millis(1_795_444_730_000),
        },
    })
}

#[test]
fn a_payment_is_announced_with_the_public_fields() {
    let event = DomainEvent::of(&paid()).unwrap();
    assert_eq!(event.kind(), "order.paid");
    expect![[r#"
        {
          "amount_fen": 1790,
          "created_at": "2026-11-23T22:38:41+08:00",
          "currency": "CNY",
          "description": "茶",
          "expires_at": "2026-11-23T23:08:41+08:00",
          "order_no": "order-1",
          "paid_at": "2026-11-23T22:38:50+08:00",
          "refunded_fen": 0,
          "state": "paid",
          "transaction_id": "4200001",
          "version": 3
        }"#]]
    .assert_eq(&pretty(&event));
}

#[test]
fn a_close_is_announced() {
    let event = DomainEvent::of(&order(OrderState::Closed {
        closed_at: Millis(0),
    }))
    .unwrap();
    assert_eq!(event.kind(), "order.closed");
    expect![[r#"
        {
          "amount_fen": 1790,
          "closed_at": "1970-01-01T08:00:00+08:00",
          "created_at": "2026-11-23T22:38:41+08:00",
          "currency": "CNY",
          "description": "茶",
          "expires_at": "2026-11-23T23:08:41+08:00",
          "order_no": "order-1",
          "refunded_fen": 0,
          "state": "closed",
          "version": 3
        }"#]]
    .assert_eq(&pretty(&event));
}

#[test]
fn an_exception_is_announced() {
    let exception = Exception {
        mch_id: MchId::new("1900000100").unwrap(),
        order_no: OrderNo::new("order-1").unwrap(),
        kind: ExceptionKind::PaidTwice,
        fact: "4200002".into(),
        detail: "refund it".into(),
        at: Millis(1_795_444_730_000),
    };
    let event = DomainEvent::of_exception(&exception);
    assert_eq!(event.kind(), "order.exception");
    expect![[r#"
        {
          "at": "2026-11-23T22:38:50+08:00",
          "detail": "refund it",
          "fact": "4200002",
          "kind": "paid_twice",
          "order_no": "order-1"
        }"#]]
    .assert_eq(&pretty(&event));
    let id = exception_event_id(&exception);
    assert_eq!(
        id.as_str(),
        "20261123223850000.order-1.paid_twice.4966949a3ac5eb93"
    );
}

fn difference(order_no: &str, transaction_id: &str) -> Difference {
    Difference {
        subject: crate::reconcile::Subject::refund(
            TransactionId::new(transaction_id).unwrap(),
            RefundNo::new("R-1").unwrap(),
        ),
        order_no: order_no.into(),
        kind: crate::reconcile::DifferenceKind::Unknown {
            billed: Fen::new(5).unwrap(),
        },
    }
}

#[test]
fn a_difference_is_announced() {
    let day = BillDay::parse("2026-11-22").unwrap();
    let difference = difference("order-1", "4200001");
    let at = Millis(1_795_444_730_000);
    let event = DomainEvent::of_difference(day, &difference, at);
    assert_eq!(event.kind(), "reconciliation.difference");
    expect![[r#"
        {
          "at": "2026-11-23T22:38:50+08:00",
          "bill_date": "2026-11-22",
          "billed_fen": 5,
          "kind": "refund_unknown",
          "order_no": "order-1",
          "refund_no": "R-1",
          "transaction_id": "4200001"
        }"#]]
    .assert_eq(&pretty(&event));
    let id = difference_event_id(day, &difference, at);
    assert!(
        id.as_str()
            .starts_with("20261123223850000.order-1.bill.refund_unknown.")
    );
    assert_ne!(id, difference_event_id(day.next(), &difference, at));
}

#[test]
fn a_difference_of_any_order_has_an_id() {
    for order_no in ["", "@", "a number of another system", &"9".repeat(32)] {
        for payment in ["1", &"4".repeat(32)] {
            let day = BillDay::parse("2026-11-22").unwrap();
            let id = difference_event_id(day, &difference(order_no, payment), Millis(0));
            assert!(id.as_str().len() <= 96, "{id}");
        }
    }
}

#[test]
fn nobody_is_told_who_paid_or_what_the_merchant_noted() {
    let data = DomainEvent::of(&paid()).unwrap().data();
    for hidden in ["the-buyer", "private", "example.com"] {
        assert!(!data.contains(hidden), "{data}");
    }
}

#[test]
fn events_sort_by_the_time_of_the_change_not_of_the_order() {
    let early = order_event_id(&paid(), Millis(1_795_444_730_000));
    let late = order_event_id(&paid(), Millis(1_795_444_730_001));
    assert_eq!(early.as_str(), "20261123223850000.order-1.3");
    assert!(early < late);
    assert!(late.as_str() >= id_bound(Millis(1_795_444_730_001)).as_str());
    assert!(early.as_str() < id_bound(Millis(1_795_444_730_001)).as_str());
}

#[test]
fn the_longest_names_still_make_an_id() {
    let longest = OrderNo::new("9".repeat(32)).unwrap();
    let mut order = paid();
    order.order_no = longest.clone();
    order.version = i64::MAX;
    assert!(order_event_id(&order, Millis(i64::MAX)).as_str().len() <= 96);
    let what = format!("refund.{:016x}.{}", u64::MAX, i64::MAX);
    assert!(event_id(Millis(0), &longest, &what).as_str().len() <= 96);
    for kind in ExceptionKind::ALL {
        let what = format!("{}.{:016x}", kind.name(), u64::MAX);
        assert!(event_id(Millis(0), &longest, &what).as_str().len() <= 96);
    }
}
