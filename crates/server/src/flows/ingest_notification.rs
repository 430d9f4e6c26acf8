//! WeChat reports something. Verify, decrypt, keep, settle; only then acknowledge.
//!
//! 1. verify the signature over the raw bytes and decrypt, with no transaction open (an unknown
//!    serial may cause one refresh of the platform certificates);
//! 2. one TX: inbox entry and, for a payment, the paid order, for a refund, the refund and its
//!    order; 204 means that it is on disk.
//!
//! | crash | what is left |
//! |---|---|
//! | before the commit | nothing; WeChat resends for a day, and the poll asks meanwhile |
//! | after the commit, before the 204 | all of it; the repeat is acknowledged without effect |
//!
//! What cannot be verified leaves a counter and one line, no row: strangers must not fill our disk.
//! What is genuine but does not fit (amount, payer, merchant, unknown order) is kept, put before a
//! human, and acknowledged: sending it again would not make it fit.

use http::HeaderMap;
use store::{Tx, inbox};
use tracing::{error, info};
use wechatpay::{EventType, Notification, NotificationError, NotificationHeaders, Resource};

use super::{
    FlowError,
    settle_payment::{Evidence, Settled, settle_payment},
    settle_refund::settle_refund,
};
use crate::{
    app::App,
    gateway::{self, Reading},
    merchant::Merchant,
    telemetry::names,
};

/// Why a notification is not acknowledged.
#[derive(Debug)]
pub enum IngestError {
    /// Not provably WeChat's. The text names the check that failed.
    Rejected(&'static str),
    /// Signed by WeChat, but not a notification as documented.
    Malformed,
    /// Our APIv3 key does not open it.
    Undecryptable,
    Flow(FlowError),
}

/// Looks at the headers alone, before the body is read: most of what is not WeChat's ends here.
///
/// # Errors
/// [`IngestError::Rejected`].
pub fn glance(app: &App, merchant: &Merchant, headers: &HeaderMap) -> Result<(), IngestError> {
    NotificationHeaders::from_http(headers)
        .and_then(|headers| merchant.client.check_notification_headers(&headers))
        .map_err(|error| reject(app, merchant, &error))
}

/// # Errors
/// See [`IngestError`]; after any of them nothing was booked.
pub async fn ingest(
    app: &App,
    merchant: &Merchant,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), IngestError> {
    let opened = match NotificationHeaders::from_http(headers) {
        Ok(headers) => merchant
            .client
            .open_notification(&headers, body)
            .await
            .map(|it| (headers, it)),
        Err(error) => Err(error),
    };
    let (headers, notification) = match opened {
        Ok(opened) => opened,
        Err(error) => return Err(reject(app, merchant, &error)),
    };
    let kind = label(&notification.event_type);
    let key = if headers.serial.starts_with("PUB_KEY_ID_") {
        "public_key"
    } else {
        "certificate"
    };
    let labels = [("merchant", merchant.key.clone()), ("key", key.to_owned())];
    metrics::counter!(names::NOTIFICATION_KEYS_TOTAL, &labels).increment(1);
    let outcome = take(app, merchant, &headers, &notification, body).await;
    count(kind, outcome.as_ref().copied().unwrap_or("failed"));
    outcome.map(drop).map_err(IngestError::Flow)
}

fn reject(app: &App, merchant: &Merchant, error: &NotificationError) -> IngestError {
    let reason = error.name();
    count("none", reason);
    match error {
        NotificationError::WrongKey => {
            error!(
                merchant = %merchant.key,
                "a genuine notification cannot be decrypted: set merchants.{}.api_v3_key to the \
                 APIv3 key of the merchant platform and restart; WeChat resends for a day",
                merchant.key
            );
            IngestError::Undecryptable
        }
        NotificationError::Malformed(_) => {
            error!(merchant = %merchant.key, "a genuine notification is malformed: {error}");
            IngestError::Malformed
        }
        // Probes are routine and forgeries are noise: the counter is the alarm, not the log,
        // and a flood of them gets a few lines in a second.
        _ => {
            if app.may_log_rejection() {
                info!(merchant = %merchant.key, reason, "notification rejected");
            }
            IngestError::Rejected(reason)
        }
    }
}

async fn take(
    app: &App,
    merchant: &Merchant,
    headers: &NotificationHeaders,
    notification: &Notification,
    body: &[u8],
) -> Result<&'static str, FlowError> {
    let mut entry = inbox::InboxEntry {
        mch_id: merchant.mch_id.clone(),
        notification_id: notification.id.clone(),
        event_type: notification.event_type.to_string(),
        order_no: None,
        serial: headers.serial.clone(),
        timestamp: headers.timestamp.clone(),
        nonce: headers.nonce.clone(),
        signature: headers.signature.clone(),
        body: body.to_vec(),
        received_at: app.clock.now(),
        outcome: "stored".to_owned(),
    };
    if let Resource::Transaction(transaction) = &notification.resource {
        let fact = match gateway::read(transaction)? {
            Reading::Paid(fact) => Some(fact),
            Reading::Closed | Reading::Unpaid => None,
        };
        if let Some(fact) = fact {
            entry.order_no = Some(fact.order_no.clone());
            let evidence = Evidence::Notification(&mut entry);
            let settled = settle_payment(app, &merchant.mch_id, &fact, evidence).await?;
            return Ok(match settled {
                Settled::Now(_) => "settled",
                Settled::Before(_) => "repeated",
                Settled::Exception(_) => "exception",
                Settled::UnknownOrder => "unknown_order",
            });
        }
    }
    if let Resource::Refund(notice) = &notification.resource
        && let Some(fact) = gateway::read_refund_notice(notice)?
    {
        entry.order_no = Some(fact.order_no.clone());
        let evidence = Evidence::Notification(&mut entry);
        let settled = settle_refund(app, merchant, &fact, evidence).await?;
        return Ok(settled.name());
    }
    // Kinds that we do not know yet are kept as they came.
    let mut tx = Tx::new("keep_notification");
    inbox::insert(&mut tx, &entry);
    app.commit(tx).await?;
    Ok("stored")
}

/// A label from a closed list: a sender must not be able to grow our metrics.
fn label(event_type: &EventType) -> &'static str {
    match event_type {
        EventType::TransactionSuccess => "TRANSACTION.SUCCESS",
        EventType::RefundSuccess => "REFUND.SUCCESS",
        EventType::RefundAbnormal => "REFUND.ABNORMAL",
        EventType::RefundClosed => "REFUND.CLOSED",
        EventType::Unknown(_) => "other",
    }
}

fn count(kind: &'static str, result: &'static str) {
    metrics::counter!(names::NOTIFICATIONS_TOTAL, "type" => kind, "result" => result).increment(1);
}
