//! One business verb per file. A flow reads, decides, calls WeChat with no transaction open, and
//! commits what it learned in one transaction. Handlers, jobs and commands all end here.

pub mod close_order;
pub mod deliver_webhook;
mod error;
pub mod ingest_notification;
mod late_refund;
mod lease;
pub mod log_in;
pub mod manage_webhooks;
pub mod once;
pub mod pay_again;
pub mod place_order;
mod prepay;
pub mod read_events;
pub mod read_orders;
pub mod read_reconciliations;
pub mod reconcile;
pub mod refresh_order;
pub mod request_refund;
pub mod settle_payment;
pub mod settle_refund;
pub(crate) mod submit_refund;
pub mod unstick_refund;

pub use error::FlowError;

use crate::telemetry::names;

/// How often a flow re-reads and decides again when somebody else changed the row first.
///
/// Each miss means that another writer made progress; an order has a handful of events in its life,
/// so eight rounds are more than any honest race needs, and a loop without an end is never right.
const DECISIONS_MAX: u32 = 8;

/// Counts an order that entered a state.
fn entered(state: &'static str) {
    metrics::counter!(names::ORDERS_TOTAL, "state" => state).increment(1);
}
