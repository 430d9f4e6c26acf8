//! What a merchant does with its endpoints: make, look, rotate the secret, enable, replay, delete.

use std::time::Duration;

use domain::{EventId, MchId, Millis, webhook};
use store::{
    StoreError, Tx, outbox,
    webhook_attempts::{self, Attempt},
    webhook_deliveries as deliveries,
    webhook_endpoints::{self as endpoints, Endpoint, EndpointState},
};

use super::{
    DECISIONS_MAX, FlowError,
    once::{self, Claim, Saved},
    read_events,
};
use crate::{
    app::App,
    webhooks::{KeyRing, Scheme, address},
};

/// Each endpoint costs a lane of its own and a row for each event.
const ENDPOINTS_MAX: usize = 16;

/// A key that is leaking must go at once (0), and a slow roll-out may take weeks.
const OVERLAP_S_MAX: u32 = 30 * 24 * 3600;

/// Pages of events that one bulk replay puts; what is left over has a cursor.
const REPLAY_PAGES_MAX: u32 = 20;

/// An endpoint as a caller wants it.
#[derive(Debug)]
pub struct NewEndpoint {
    pub url: String,
    pub types: Vec<String>,
    pub scheme: Scheme,
}

/// A new key for an endpoint, as a caller wants it; the rest is as before, or as configured.
#[derive(Debug)]
pub struct Rotation {
    pub scheme: Option<Scheme>,
    pub overlap_s: Option<u32>,
}

/// Makes an endpoint. It is told what happens from now on. The answer is kept in the transaction
/// that makes it: under one `Idempotency-Key` there is one endpoint.
pub async fn create(
    app: &App,
    mch_id: &MchId,
    wanted: NewEndpoint,
    claim: &Claim,
    answer: impl Fn(&Endpoint, &KeyRing) -> Result<Saved, FlowError>,
) -> Result<Saved, FlowError> {
    let url = address::parse(&wanted.url, &app.settings.webhooks).map_err(FlowError::Invalid)?;
    let types = lawful_types(wanted.types)?;
    if list(app, mch_id).await?.len() >= ENDPOINTS_MAX {
        let text = format!("there are {ENDPOINTS_MAX} endpoints already; delete one");
        return Err(FlowError::Invalid(text));
    }
    read_events::place(app, mch_id).await?;
    let now = app.clock.now();
    let keys = KeyRing::generate(wanted.scheme, &*app.ids);
    let endpoint = Endpoint {
        mch_id: mch_id.clone(),
        endpoint_id: new_id(app, now),
        url: url.into(),
        types,
        signing_keys: keys.write(),
        state: EndpointState::Enabled,
        state_reason: String::new(),
        state_at: now,
        failing_since: None,
        position: outbox::last_position(&app.store, mch_id).await?,
        version: 1,
        created_at: now,
    };
    let mut tx = Tx::new("create_webhook_endpoint");
    endpoints::insert(&mut tx, &endpoint);
    let answer = answer(&endpoint, &keys)?;
    claim.keep(&mut tx, &answer);
    match app.commit(tx).await {
        Err(error) if once::is_lost(&error) => Err(FlowError::IdempotencyKeyInFlight),
        outcome => Ok(outcome.map(|()| answer)?),
    }
}

/// `we_` and a text that rises with time.
fn new_id(app: &App, now: Millis) -> String {
    let mut chance = [0; 8];
    app.ids.fill(&mut chance);
    let time = domain::order_no::time_prefix(now);
    format!("we_{time}{}", hex::encode(chance))
}

fn lawful_types(mut types: Vec<String>) -> Result<Vec<String>, FlowError> {
    types.sort_unstable();
    types.dedup();
    let known = |kind: &String| webhook::EVENT_TYPES.contains(&kind.as_str());
    if types.iter().all(known) {
        return Ok(types);
    }
    Err(FlowError::Invalid(format!(
        "types must be some of {}; leave them out for all",
        webhook::EVENT_TYPES.join(", ")
    )))
}

/// All endpoints of the merchant.
pub async fn list(app: &App, mch_id: &MchId) -> Result<Vec<Endpoint>, FlowError> {
    Ok(endpoints::list(&app.store, mch_id).await?)
}

/// One endpoint of the merchant.
pub async fn get(app: &App, mch_id: &MchId, endpoint_id: &str) -> Result<Endpoint, FlowError> {
    // Any other text is no id of ours, and some are nothing that a database takes.
    let lawful = endpoint_id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let endpoint = if lawful {
        endpoints::get(&app.store, mch_id, endpoint_id).await?
    } else {
        None
    };
    endpoint.ok_or_else(|| FlowError::EndpointNotFound(endpoint_id.to_owned()))
}

/// Deletes an endpoint with everything that was noted about it.
pub async fn delete(app: &App, mch_id: &MchId, endpoint_id: &str) -> Result<(), FlowError> {
    get(app, mch_id, endpoint_id).await?;
    let mut tx = Tx::new("delete_webhook_endpoint");
    endpoints::delete(&mut tx, mch_id, endpoint_id);
    match app.commit(tx).await {
        Err(error) if error.missed("webhook_endpoints.delete") => {
            Err(FlowError::EndpointNotFound(endpoint_id.to_owned()))
        }
        outcome => Ok(outcome?),
    }
}

/// Gives the endpoint a new key. The old one signs too until the overlap is over, so that the
/// receiver can change over in its own time. Under one `Idempotency-Key` there is one new key.
pub async fn rotate(
    app: &App,
    mch_id: &MchId,
    endpoint_id: &str,
    wanted: Rotation,
    claim: &Claim,
    answer: impl Fn(&Endpoint, &KeyRing) -> Result<Saved, FlowError>,
) -> Result<Saved, FlowError> {
    let overlap_s = wanted
        .overlap_s
        .unwrap_or(app.settings.webhooks.secret_overlap_s);
    if overlap_s > OVERLAP_S_MAX {
        let text = format!("overlap_s {overlap_s} is above {OVERLAP_S_MAX}");
        return Err(FlowError::Invalid(text));
    }
    for _ in 0..DECISIONS_MAX {
        let mut endpoint = get(app, mch_id, endpoint_id).await?;
        let old = KeyRing::read(&endpoint.signing_keys)?;
        let scheme = wanted.scheme.unwrap_or_else(|| old.scheme());
        let now = app.clock.now();
        let until = now.plus(Duration::from_secs(overlap_s.into()));
        let keys = old.rotated(scheme, &*app.ids, now, until);
        let mut tx = Tx::new("rotate_webhook_secret");
        endpoints::set_keys(&mut tx, &endpoint, &keys.write());
        endpoint.signing_keys = keys.write();
        let answer = answer(&endpoint, &keys)?;
        claim.keep(&mut tx, &answer);
        match app.commit(tx).await {
            Ok(()) => return Ok(answer),
            Err(error) if once::is_lost(&error) => return Err(FlowError::IdempotencyKeyInFlight),
            // Somebody else rotated, enabled or disabled it first.
            Err(StoreError::GuardMissed { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let text = "the endpoint changed each time before its secret could";
    Err(FlowError::Internal(anyhow::anyhow!(text)))
}

/// Has a disabled endpoint told again, from where it was: what happened since waits for it, and
/// what was waiting is due now.
pub async fn enable(app: &App, mch_id: &MchId, endpoint_id: &str) -> Result<Endpoint, FlowError> {
    if get(app, mch_id, endpoint_id).await?.state == EndpointState::Disabled {
        let now = app.clock.now();
        let mut tx = Tx::new("enable_webhook_endpoint");
        endpoints::enable(&mut tx, mch_id, endpoint_id, now);
        deliveries::resume(&mut tx, mch_id, endpoint_id, now);
        app.commit(tx).await?;
        app.wake.notify_waiters();
    }
    get(app, mch_id, endpoint_id).await
}

/// Has the endpoint told once more of one event, whatever its types.
pub async fn replay(
    app: &App,
    mch_id: &MchId,
    endpoint_id: &str,
    event_id: &EventId,
) -> Result<(), FlowError> {
    get(app, mch_id, endpoint_id).await?;
    if outbox::get(&app.store, mch_id, event_id).await?.is_none() {
        return Err(FlowError::EventNotFound(event_id.clone()));
    }
    let mut tx = Tx::new("replay_event");
    deliveries::replay(&mut tx, mch_id, endpoint_id, event_id, app.clock.now());
    app.commit(tx).await?;
    app.wake.notify_waiters();
    Ok(())
}

/// How far a bulk replay came.
#[derive(Debug)]
pub struct Replayed {
    pub queued: u32,
    /// The event after which to go on, when there are more.
    pub next: Option<EventId>,
}

/// Has the endpoint told once more of everything it wants that happened at `since` or later.
pub async fn replay_since(
    app: &App,
    mch_id: &MchId,
    endpoint_id: &str,
    since: Millis,
    after: Option<EventId>,
) -> Result<Replayed, FlowError> {
    let endpoint = get(app, mch_id, endpoint_id).await?;
    let now = app.clock.now();
    // Ids begin with the time: this one lies before all of that moment.
    let first = EventId::new(domain::event::id_bound(since)).map_err(anyhow::Error::from)?;
    let mut after = after.map_or(first.clone(), |after| after.max(first));
    let (mut queued, until) = (0, now.plus(Duration::from_millis(1)));
    for _ in 0..REPLAY_PAGES_MAX {
        let page = outbox::page(&app.store, mch_id, Some(&after), until, store::PAGE_MAX).await?;
        let full = u32::try_from(page.len()).is_ok_and(|rows| rows >= store::PAGE_MAX);
        let wanted = page.iter().filter(|event| endpoint.wants(&event.kind));
        let mut tx = Tx::new("replay_events");
        for event in wanted {
            deliveries::replay(&mut tx, mch_id, endpoint_id, &event.event_id, now);
            queued += 1;
        }
        if !tx.is_empty() {
            app.commit(tx).await?;
        }
        app.wake.notify_waiters();
        match page.last() {
            Some(last) if full => after = last.event_id.clone(),
            Some(_) | None => return Ok(Replayed { queued, next: None }),
        }
    }
    let next = Some(after);
    Ok(Replayed { queued, next })
}

/// The attempts to tell this endpoint, newest first, one more than `limit` when there are more.
pub async fn attempts(
    app: &App,
    mch_id: &MchId,
    endpoint_id: &str,
    event_id: Option<&EventId>,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<Attempt>, FlowError> {
    get(app, mch_id, endpoint_id).await?;
    let rows = limit.saturating_add(1);
    let page = webhook_attempts::page(&app.store, mch_id, endpoint_id, event_id, before, rows);
    Ok(page.await?)
}
