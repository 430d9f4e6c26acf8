//! What merchants are told: the announcements that go through the outbox.
//!
//! An event id is `<time>.<order_no>.<what>`: the time of the change first, so that a reader who
//! asks for what came after an id misses nothing and the database appends; then the order and its
//! new version, so that one change of state has one event. See [`order_event_id`].

use serde::Serialize;

use crate::order_no::time_prefix;
use crate::{
    EventId, Exception, ExceptionKind, Millis, Order, OrderNo, OrderState, OrderView, Refund,
    RefundState, RefundView,
};

/// The form of the data below. It rises when a field changes its meaning or goes; a new field
/// does not raise it. Kept beside each event, so that old ones stay readable.
pub const SCHEMA: i64 = 1;

/// An announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DomainEvent {
    /// `order.paid`
    OrderPaid(OrderView),
    /// `order.closed`
    OrderClosed(OrderView),
    /// `refund.succeeded`
    RefundSucceeded(RefundView),
    /// `refund.closed`
    RefundClosed(RefundView),
    /// `refund.abnormal`
    RefundAbnormal(RefundView),
    /// `order.exception`
    OrderException(ExceptionData),
}

/// The data of `order.exception`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExceptionData {
    /// The order number as WeChat wrote it; there may be no such order.
    pub order_no: OrderNo,
    /// What is wrong.
    pub kind: ExceptionKind,
    /// For a payment its `transaction_id`.
    pub fact: String,
    /// What happened and what to do.
    pub detail: String,
    /// When it was seen first.
    pub at: Millis,
}

impl DomainEvent {
    /// The announcement of an order that just moved to the state it is in; `None` for the states
    /// nobody outside waits for. (Refunds announce themselves, one by one.)
    pub fn of(order: &Order) -> Option<Self> {
        match &order.state {
            OrderState::Paid { .. } => Some(Self::OrderPaid(order.into())),
            OrderState::Closed { .. } => Some(Self::OrderClosed(order.into())),
            OrderState::Created
            | OrderState::AwaitingPayment { .. }
            | OrderState::PartiallyRefunded { .. }
            | OrderState::Refunded { .. } => None,
        }
    }

    /// The announcement of a refund that just moved to the state it is in; `None` for the states
    /// nobody outside waits for.
    pub fn of_refund(refund: &Refund) -> Option<Self> {
        match &refund.state {
            RefundState::Requested | RefundState::Processing { .. } => None,
            RefundState::Succeeded { .. } => Some(Self::RefundSucceeded(refund.into())),
            RefundState::Closed { .. } => Some(Self::RefundClosed(refund.into())),
            RefundState::Abnormal { .. } => Some(Self::RefundAbnormal(refund.into())),
        }
    }

    /// The announcement of something a person must look at.
    pub fn of_exception(exception: &Exception) -> Self {
        Self::OrderException(ExceptionData {
            order_no: exception.order_no.clone(),
            kind: exception.kind,
            fact: exception.fact.clone(),
            detail: exception.detail.clone(),
            at: exception.at,
        })
    }

    /// The type, as subscribers name it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::OrderPaid(_) => "order.paid",
            Self::OrderClosed(_) => "order.closed",
            Self::RefundSucceeded(_) => "refund.succeeded",
            Self::RefundClosed(_) => "refund.closed",
            Self::RefundAbnormal(_) => "refund.abnormal",
            Self::OrderException(_) => "order.exception",
        }
    }

    /// The data, as JSON text.
    pub fn data(&self) -> String {
        match self {
            Self::OrderPaid(order) | Self::OrderClosed(order) => json(order),
            Self::RefundSucceeded(refund)
            | Self::RefundClosed(refund)
            | Self::RefundAbnormal(refund) => json(refund),
            Self::OrderException(exception) => json(exception),
        }
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers in named fields are always JSON")
}

/// The id of the announcement that `order` moved to its version at `at`:
/// `20261123223841123.20261123223830000ABCDEFGHJKM.3`.
pub fn order_event_id(order: &Order, at: Millis) -> EventId {
    event_id(at, &order.order_no, &order.version.to_string())
}

/// The id of the announcement that `refund` moved to its version at `at`, with a digest of its
/// number, which may be longer than an id: `20261123223841123.order-1.refund.85944171f73967e8.3`.
pub fn refund_event_id(refund: &Refund, at: Millis) -> EventId {
    let digest = digest(refund.refund_no.as_str());
    let what = format!("refund.{digest:016x}.{}", refund.version);
    event_id(at, &refund.order_no, &what)
}

/// The id of the announcement of an exception, with a digest of its fact:
/// `20261123223841123.20261123223830000ABCDEFGHJKM.paid_twice.85944171f73967e8`.
pub fn exception_event_id(exception: &Exception) -> EventId {
    let what = format!("{}.{:016x}", exception.kind.name(), digest(&exception.fact));
    event_id(exception.at, &exception.order_no, &what)
}

/// FNV-1a: enough to tell apart two facts of one order in one millisecond, with no secret in it.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// The bound between the ids of events before `at` and of those from then on.
pub fn id_bound(at: Millis) -> String {
    time_prefix(at)
}

fn event_id(at: Millis, order_no: &OrderNo, what: &str) -> EventId {
    EventId::new(format!("{}.{order_no}.{what}", time_prefix(at)))
        .expect("17 digits, an order number and short words are at most 96 visible characters")
}

#[cfg(test)]
mod tests {
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
}
