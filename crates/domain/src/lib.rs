#![doc = include_str!("../README.md")]
// Money and deadlines are computed here; an overflow or a truncating cast must not compile.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions)]

mod bill_day;
mod clock;
pub mod event;
mod exception;
mod fact;
mod ids;
mod millis;
mod order;
pub mod order_no;
pub mod poll;
pub mod reconcile;
pub mod refund;
mod view;
pub mod webhook;

pub use bill_day::BillDay;
pub use clock::{Clock, Ids, ManualClock, SeededIds};
pub use event::DomainEvent;
pub use exception::{Exception, ExceptionKind};
pub use fact::{Mismatch, PaymentFact};
pub use ids::{
    AppId, EventId, GoodsId, InvalidId, MchId, OpenId, OrderNo, PrepayId, RefundId, RefundNo,
    TransactionId,
};
pub use millis::{InvalidTime, Millis};
pub use order::{Order, OrderEvent, OrderState, Payment, Prepay, Refusal, Transition};
pub use refund::{
    ReceivedAccount, Refund, RefundEvent, RefundFact, RefundMismatch, RefundOrigin, RefundRefusal,
    RefundState, RefundStatus, RefundTransition, RefundView,
};
pub use view::OrderView;
