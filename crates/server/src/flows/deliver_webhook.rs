//! Telling one endpoint what happened.
//!
//! 1. *Fan out*: the endpoint's position moves over the events after it, and each one it wants
//!    becomes a delivery, in one transaction guarded by the position.
//! 2. *Claim*: deliveries that are due are leased.
//! 3. *Call*: the event is signed and posted, with no transaction open.
//! 4. *Record*: the attempt, the delivery's next step, and whether the endpoint is failing, in one
//!    transaction guarded by the lease.
//!
//! | it dies after | what is there | what happens next |
//! |---|---|---|
//! | 1 | deliveries, due | somebody claims them |
//! | 2 | leased deliveries | the lease runs out, somebody claims them again |
//! | 3 | the same, and the receiver was told | it is told again, with the same `webhook-id` |
//! | 4 | the step of the ladder | the next attempt when it is due, or none |
//!
//! So each event is told at least once, and `webhook-id` tells repeats apart. Nothing waits for an
//! earlier event: the receiver sees the order of changes by the `version` in the data.

use std::time::Duration;

use domain::{MchId, Millis, webhook};
use futures_util::future::join_all;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::fmt::rfc2822;
use store::{
    StoreError, Tx, outbox,
    webhook_attempts::Attempt,
    webhook_deliveries::{self as deliveries, Claim, DeliveryState},
    webhook_endpoints::{self as endpoints, Endpoint, EndpointState},
};
use tracing::{error, info};

use super::FlowError;
use crate::{
    app::App,
    config,
    telemetry::names,
    webhooks::{self, CourierError, KeyRing, Receipt},
};

/// Pages of events that one look puts deliveries for.
const FAN_OUT_PAGES_MAX: u32 = 10;

/// Rounds of claims in a row before others have their turn.
const ROUNDS_MAX: u32 = 100;

/// Longer than an attempt may take, with its commits: after it, whoever holds it is taken for dead.
const LEASE_MARGIN: Duration = Duration::from_secs(30);

/// For how long a claimed delivery belongs to its worker.
pub(crate) fn lease(settings: &config::Webhooks) -> Duration {
    settings.timeout() + LEASE_MARGIN
}

const USER_AGENT: &str = concat!("shouyin/", env!("CARGO_PKG_VERSION"));

/// Tells an endpoint everything that is due for it now. Nothing when it is disabled or gone.
///
/// # Errors
/// Those of the database; what a receiver does is no error.
pub async fn tell_endpoint(app: &App, mch_id: &MchId, endpoint_id: &str) -> Result<(), FlowError> {
    for _ in 0..ROUNDS_MAX {
        let Some(endpoint) = enabled(app, mch_id, endpoint_id).await? else {
            return Ok(());
        };
        fan_out(app, endpoint.clone()).await?;
        let settings = &app.settings.webhooks;
        let lease = lease(settings);
        let now = app.clock.now();
        let claims =
            deliveries::claim(&app.store, &endpoint, now, lease, settings.concurrency).await?;
        if claims.is_empty() {
            return Ok(());
        }
        let attempts = claims.iter().map(|claim| attempt(app, &endpoint, claim));
        for outcome in join_all(attempts).await {
            outcome?;
        }
    }
    Ok(())
}

async fn enabled(
    app: &App,
    mch_id: &MchId,
    endpoint_id: &str,
) -> Result<Option<Endpoint>, StoreError> {
    let endpoint = endpoints::get(&app.store, mch_id, endpoint_id).await?;
    Ok(endpoint.filter(|endpoint| endpoint.state == EndpointState::Enabled))
}

/// Puts deliveries for the events that the endpoint has not passed yet.
async fn fan_out(app: &App, mut endpoint: Endpoint) -> Result<(), FlowError> {
    for _ in 0..FAN_OUT_PAGES_MAX {
        let (mch_id, after) = (&endpoint.mch_id, endpoint.position);
        let page = outbox::placed(&app.store, mch_id, after, store::PAGE_MAX).await?;
        let Some(last) = page.last().map(|placed| placed.position) else {
            return Ok(());
        };
        let events = page.into_iter().map(|placed| placed.event);
        let wanted = events.filter(|event| endpoint.wants(&event.kind));
        let wanted: Vec<_> = wanted.map(|event| event.event_id).collect();
        let mut tx = Tx::new("fan_out_events");
        endpoints::advance(&mut tx, &endpoint, last, &wanted, app.clock.now());
        match app.commit(tx).await {
            Ok(()) => endpoint.position = last,
            // Somebody else puts the same deliveries right now, or the endpoint is gone.
            Err(StoreError::GuardMissed { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// What a call came to.
struct Called {
    status: Option<StatusCode>,
    retry_after: Option<Duration>,
    answer: String,
    outcome: String,
}

async fn attempt(app: &App, endpoint: &Endpoint, claim: &Claim) -> Result<(), FlowError> {
    let at = app.clock.now();
    let called = call(app, endpoint, claim, at).await?;
    let now = app.clock.now();
    let number = claim.attempts.saturating_add(1);
    let delivered = called.status.is_some_and(|status| status.is_success());
    let next = webhook::next_attempt(number, now, called.retry_after);
    let (state, due_at) = match next {
        _ if delivered => (DeliveryState::Delivered, now),
        Some(due_at) => (DeliveryState::Pending, due_at),
        None => (DeliveryState::Failed, now),
    };
    let attempt = Attempt {
        attempt_id: attempt_id(app, at),
        event_id: claim.event_id.clone(),
        number,
        at,
        duration_ms: i64::try_from(now.since(at).as_millis()).unwrap_or(i64::MAX),
        status: called.status.map(|status| status.as_u16()),
        answer: called.answer,
        outcome: called.outcome,
    };
    let mut tx = Tx::new("record_webhook_attempt");
    deliveries::record(&mut tx, claim, state, due_at, &attempt);
    let reason = match called.status {
        Some(StatusCode::GONE) => Some("gone"),
        _ if delivered => None,
        _ => failing_too_long(app, endpoint, now)
            .await?
            .then_some("failing"),
    };
    if let Some(reason) = reason {
        endpoints::disable(
            &mut tx,
            &endpoint.mch_id,
            &endpoint.endpoint_id,
            reason,
            now,
        );
    }
    let done = match app.run(tx).await {
        Ok(done) => done,
        // The lease was lost, or the endpoint was deleted: this attempt is nobody's any more.
        Err(StoreError::GuardMissed { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    count(endpoint, &attempt, state);
    if done.rows("webhook_endpoints.disable") > 0 {
        alert(endpoint, reason.unwrap_or_default());
    }
    Ok(())
}

/// Read anew: another attempt may have succeeded in the meantime.
async fn failing_too_long(app: &App, endpoint: &Endpoint, now: Millis) -> Result<bool, StoreError> {
    let patience = app.settings.webhooks.disable_after();
    let endpoint = endpoints::get(&app.store, &endpoint.mch_id, &endpoint.endpoint_id).await?;
    let since = endpoint.and_then(|endpoint| endpoint.failing_since);
    Ok(since.is_some_and(|since| now.since(since) >= patience))
}

async fn call(
    app: &App,
    endpoint: &Endpoint,
    claim: &Claim,
    at: Millis,
) -> Result<Called, FlowError> {
    let Some((event, _)) = outbox::get(&app.store, &claim.mch_id, &claim.event_id).await? else {
        let id = claim.event_id.as_str();
        return Err(anyhow::anyhow!("a delivery of event `{id}`, which is not there").into());
    };
    let url = match webhooks::address::parse(&endpoint.url, &app.settings.webhooks) {
        Ok(url) => url,
        Err(why) => return Ok(not_answered(&CourierError::Refused(why))),
    };
    let body = webhook::envelope(&event.kind, event.created_at, &event.data);
    let headers = headers(endpoint, &webhook::message_id(&event.event_id), at, &body)?;
    let request = webhooks::request(&url, headers, body);
    Ok(match app.courier.deliver(request).await {
        Ok(receipt) => answered(receipt, app.clock.now()),
        Err(error) => not_answered(&error),
    })
}

fn headers(endpoint: &Endpoint, id: &str, at: Millis, body: &str) -> anyhow::Result<HeaderMap> {
    let content = webhook::signed_content(id, at.seconds(), body);
    let keys = KeyRing::read(&endpoint.signing_keys)?;
    let mut headers = HeaderMap::with_capacity(5);
    headers.insert("webhook-id", HeaderValue::from_str(id)?);
    headers.insert("webhook-timestamp", at.seconds().into());
    let signatures = keys.signatures(&content, at)?;
    headers.insert("webhook-signature", HeaderValue::from_str(&signatures)?);
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    Ok(headers)
}

fn answered(receipt: Receipt, now: Millis) -> Called {
    let status = receipt.status;
    let outcome = match status {
        _ if status.is_success() => "delivered".to_owned(),
        _ if status.is_redirection() => {
            format!("answered {}; redirects are not followed", status.as_u16())
        }
        _ => format!("answered {}", status.as_u16()),
    };
    let retry_after = receipt.retry_after.as_deref();
    Called {
        status: Some(status),
        retry_after: retry_after.and_then(|text| wait_of(text, now)),
        answer: receipt.answer,
        outcome,
    }
}

fn not_answered(error: &CourierError) -> Called {
    Called {
        status: None,
        retry_after: None,
        answer: String::new(),
        outcome: error.to_string(),
    }
}

/// `Retry-After` is a number of seconds or a date.
fn wait_of(text: &str, now: Millis) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = rfc2822::parse(text).ok()?;
    Some(Millis(date.timestamp().as_millisecond()).since(now))
}

/// Rises with time; the rest tells apart attempts of one millisecond.
fn attempt_id(app: &App, at: Millis) -> String {
    let mut chance = [0; 8];
    app.ids.fill(&mut chance);
    format!(
        "{}{}",
        domain::order_no::time_prefix(at),
        hex::encode(chance)
    )
}

fn count(endpoint: &Endpoint, attempt: &Attempt, state: DeliveryState) {
    let outcome = match state {
        DeliveryState::Delivered => "delivered",
        DeliveryState::Pending => "again",
        DeliveryState::Failed => "given_up",
    };
    metrics::counter!(names::WEBHOOK_ATTEMPTS_TOTAL, "outcome" => outcome).increment(1);
    if state != DeliveryState::Delivered {
        info!(
            endpoint = %endpoint.endpoint_id, event = %attempt.event_id, attempt = attempt.number,
            "a webhook was not delivered ({outcome}): {}", attempt.outcome
        );
    }
}

fn alert(endpoint: &Endpoint, reason: &'static str) {
    let labels = [("reason", reason)];
    metrics::counter!(names::WEBHOOK_ENDPOINTS_DISABLED_TOTAL, &labels).increment(1);
    error!(
        mch_id = %endpoint.mch_id, endpoint = %endpoint.endpoint_id, reason,
        "a webhook endpoint was disabled; events wait for it: repair the receiver, then \
         POST /v1/webhook_endpoints/{}/enable", endpoint.endpoint_id
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Millis::parse("2026-11-23T22:38:41+08:00").unwrap();
        let wait = |text| wait_of(text, now).map(|wait| wait.as_secs());
        assert_eq!(wait("120"), Some(120));
        assert_eq!(wait("Mon, 23 Nov 2026 14:39:41 GMT"), Some(60));
        assert_eq!(wait("Mon, 23 Nov 2026 14:00:00 GMT"), Some(0));
        assert_eq!((wait("soon"), wait("-1")), (None, None));
    }
}
