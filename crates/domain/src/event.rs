//! What merchants are told: the announcements that go through the outbox.
//!
//! An event id is `<time>.<order_no>.<what>`: the time of the change first, so that a reader who
//! asks for what came after an id misses nothing and the database appends; then the order and its
//! new version, so that one change of state has one event. See [`order_event_id`].

use fen::Fen;
use serde::Serialize;

use crate::order_no::time_prefix;
use crate::reconcile::Difference;
use crate::{
    BillDay, EventId, Exception, ExceptionKind, Millis, Order, OrderNo, OrderState, OrderView,
    Refund, RefundNo, RefundState, RefundView, TransactionId,
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
    /// `reconciliation.difference`
    ReconciliationDifference(DifferenceData),
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

/// The data of `reconciliation.difference`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DifferenceData {
    /// Which day's bill was compared.
    pub bill_date: BillDay,
    /// What does not agree.
    pub kind: &'static str,
    /// The order as bill or books write it; there may be no such order here.
    pub order_no: String,
    /// WeChat's number of the payment.
    pub transaction_id: TransactionId,
    /// Our number of the refund, when it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_no: Option<RefundNo>,
    /// What the bill says, if it says anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed_fen: Option<Fen>,
    /// What the books say, if they say anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booked_fen: Option<Fen>,
    /// When it was found.
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

    /// The announcement of something in which the bill of a day and the books do not agree.
    pub fn of_difference(day: BillDay, difference: &Difference, at: Millis) -> Self {
        Self::ReconciliationDifference(DifferenceData {
            bill_date: day,
            kind: difference.kind_name(),
            order_no: difference.order_no.clone(),
            transaction_id: difference.subject.transaction_id.clone(),
            refund_no: difference.subject.refund_no.clone(),
            billed_fen: difference.kind.billed(),
            booked_fen: difference.kind.booked(),
            at,
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
            Self::ReconciliationDifference(_) => "reconciliation.difference",
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
            Self::ReconciliationDifference(difference) => json(difference),
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

/// The id of the announcement of a difference, with a digest of what it is about:
/// `20261124100000000.20261123223830000ABCDEFGHJKM.bill.payment_unknown.85944171f73967e8`.
pub fn difference_event_id(day: BillDay, difference: &Difference, at: Millis) -> EventId {
    let subject = &difference.subject;
    let digest = digest(&format!(
        "{day} {} {}",
        subject.transaction_id,
        subject.number()
    ));
    let what = format!("bill.{}.{digest:016x}", difference.kind_name());
    event_id(at, &difference_order_no(difference), &what)
}

/// The order under which a difference is announced: its own, or, when other systems' rules gave it
/// a number that none of ours can have, the payment's number in its place.
pub fn difference_order_no(difference: &Difference) -> OrderNo {
    let payment = difference.subject.transaction_id.as_str();
    OrderNo::new(difference.order_no.as_str())
        .or_else(|_| OrderNo::new(payment))
        .or_else(|_| OrderNo::new(format!("{payment:0>6}")))
        .expect("up to 32 letters or digits, and at least 6, are a lawful order number")
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
mod tests;
