//! What the platform tells us by itself.

mod error;
mod headers;
mod open;

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

pub use error::NotificationError;
pub use headers::NotificationHeaders;
pub(crate) use open::open;

use crate::{EventType, RefundNotice, Transaction};

/// A notification that was signed by the platform, just now, and opened with the merchant's key.
///
/// Only [`Client::open_notification`](crate::Client::open_notification) makes one. The same
/// notification may come again, with the same `id` and another signature, and two at once.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791861
#[derive(Clone)]
#[non_exhaustive]
pub struct Notification {
    /// The notification's own number, the same each time it is sent. For logs: what makes an effect
    /// happen once is the order's number and state.
    pub id: String,
    /// When the platform made it.
    pub create_time: Option<Timestamp>,
    /// What it is about.
    pub event_type: EventType,
    /// The same in words, for people.
    pub summary: String,
    /// What it says.
    pub resource: Resource,
    /// The decrypted text that `resource` was read from. `Debug` does not show it.
    pub plaintext: Vec<u8>,
}

/// The content of a notification.
#[derive(Clone)]
pub enum Resource {
    /// About a payment.
    Transaction(Box<Transaction>),
    /// About a refund.
    Refund(Box<RefundNotice>),
    /// About something that this crate does not know, as it came.
    Other(Value),
}

impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification")
            .field("id", &self.id)
            .field("event_type", &self.event_type)
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transaction(transaction) => transaction.fmt(f),
            Self::Refund(refund) => refund.fmt(f),
            Self::Other(_) => f.write_str("Other([redacted])"),
        }
    }
}
