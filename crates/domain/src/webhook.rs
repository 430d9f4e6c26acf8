//! The pure part of telling a merchant's systems: what is sent, what is signed, and when to try
//! again. Signatures and headers are those of Standard Webhooks 1.0.0.
//!
//! Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.

use std::time::Duration;

use crate::{EventId, InvalidId, Millis};

/// Every type of event that can be subscribed to.
pub const EVENT_TYPES: [&str; 7] = [
    "order.paid",
    "order.closed",
    "order.exception",
    "refund.succeeded",
    "refund.closed",
    "refund.abnormal",
    "reconciliation.difference",
];

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours.saturating_mul(3600))
}

/// How long to wait before each attempt, the first one included: about 75 hours in all, so that a
/// receiver may be down from Friday evening to Monday morning and is told everything.
pub const LADDER: [Duration; 10] = [
    seconds(0),
    seconds(5),
    seconds(5 * 60),
    seconds(30 * 60),
    hours(2),
    hours(5),
    hours(10),
    hours(14),
    hours(20),
    hours(24),
];

/// The longest wait that a receiver's `Retry-After` is granted. A receiver that asks for a year
/// would otherwise lose the event without anybody having been told.
pub const RETRY_AFTER_MAX: Duration = hours(24);

/// When to try again after `attempts` attempts, the last of which failed at `now`; `None` when the
/// ladder has no more steps. A receiver may ask for more time, not for less.
pub fn next_attempt(attempts: u32, now: Millis, retry_after: Option<Duration>) -> Option<Millis> {
    let wait = LADDER.get(usize::try_from(attempts).ok()?)?;
    let asked = retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
    Some(now.plus(asked.max(*wait)))
}

/// The value of `webhook-id`, and the id in `GET /v1/events`: the event's id with `:` for `.`,
/// because the dot separates the parts of what is signed.
pub fn message_id(event_id: &EventId) -> String {
    event_id.as_str().replace('.', ":")
}

/// The event's id of [`message_id`].
///
/// # Errors
/// [`InvalidId`] for a text that is none.
pub fn event_id(message_id: &str) -> Result<EventId, InvalidId> {
    EventId::new(message_id.replace(':', "."))
}

/// What is sent: `{"type":…,"timestamp":…,"data":…}`. The data is put in as it was written down,
/// so that a repeat has the same bytes.
pub fn envelope(kind: &str, at: Millis, data: &str) -> String {
    let text = |text: &str| serde_json::to_string(text).expect("a text is always JSON");
    let (kind, at) = (text(kind), text(&at.rfc3339()));
    format!(r#"{{"type":{kind},"timestamp":{at},"data":{data}}}"#)
}

/// What is signed, by either kind of key: `<webhook-id>.<webhook-timestamp>.<body>`.
pub fn signed_content(message_id: &str, timestamp: i64, body: &str) -> String {
    format!("{message_id}.{timestamp}.{body}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_takes_seventy_five_hours_and_ten_attempts() {
        let (mut now, mut attempts) = (Millis(0), 0);
        while let Some(next) = next_attempt(attempts, now, None) {
            (now, attempts) = (next, attempts + 1);
        }
        let expected = hours(75) + seconds(35 * 60 + 5);
        assert_eq!((attempts, now), (10, Millis(0).plus(expected)));
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_but_not_for_less() {
        let in_seconds = |asked| next_attempt(2, Millis(0), Some(seconds(asked)));
        assert_eq!(in_seconds(1), Some(Millis::from_seconds(300)));
        assert_eq!(in_seconds(900), Some(Millis::from_seconds(900)));
        assert_eq!(in_seconds(u64::MAX), Some(Millis::from_seconds(86_400)));
        assert_eq!(next_attempt(10, Millis(0), Some(seconds(900))), None);
        assert_eq!(next_attempt(u32::MAX, Millis(0), None), None);
    }

    #[test]
    fn an_id_has_no_dot_and_comes_back_the_same() {
        let id = EventId::new("20261123223850000.order-1.refund.85944171f73967e8.3").unwrap();
        let message = message_id(&id);
        assert_eq!(
            message,
            "20261123223850000:order-1:refund:85944171f73967e8:3"
        );
        assert_eq!(event_id(&message), Ok(id));
        assert!(event_id("with space").is_err());
    }

    #[test]
    fn what_is_signed_and_sent_is_spelt_as_the_standard_says() {
        let body = envelope("order.paid", Millis(1_795_444_730_000), r#"{"version":3}"#);
        assert_eq!(
            body,
            r#"{"type":"order.paid","timestamp":"2026-11-23T22:38:50+08:00","data":{"version":3}}"#
        );
        assert_eq!(signed_content("a", 7, "{}"), "a.7.{}");
    }
}
