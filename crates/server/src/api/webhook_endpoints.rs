//! The endpoints of a merchant: where its systems want to be told.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use domain::{EventId, MchId, Millis, webhook};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    webhook_attempts::Attempt,
    webhook_endpoints::{Endpoint, EndpointState},
};

use super::{
    error::ApiError,
    events::event_id,
    extract::{ApiCaller, Json, JsonBody, Params},
    named::{Named, saved},
    wire::page_limit,
};
use crate::{
    app::App,
    flows::{
        FlowError,
        manage_webhooks::{self as manage, NewEndpoint, Rotation},
        once::{Answered, Saved, once},
    },
    merchant::Merchant,
    webhooks::{KeyRing, Scheme},
};

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateRequest {
    url: String,
    types: Option<Vec<String>>,
    signing: Option<Scheme>,
}

impl JsonBody for CreateRequest {}

#[derive(Serialize)]
pub(super) struct EndpointView {
    id: String,
    url: String,
    types: Vec<String>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_at: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<Millis>,
    signing: Scheme,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    created_at: Millis,
}

/// `{"endpoint", "secret"?}`; the secret is there only when it was just made. An answer that is
/// kept for repeats has the secret's fingerprint in its place, see [`reveal`].
#[derive(Serialize, Deserialize)]
pub(super) struct EndpointAnswer<View> {
    endpoint: View,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

#[derive(Serialize)]
pub(super) struct List<T> {
    data: Vec<T>,
    next_cursor: Option<String>,
}

fn view(endpoint: Endpoint) -> Result<EndpointView, FlowError> {
    let keys = KeyRing::read(&endpoint.signing_keys)?;
    let disabled = endpoint.state == EndpointState::Disabled;
    Ok(EndpointView {
        signing: keys.scheme(),
        public_key: keys.shown()?.public_key(),
        id: endpoint.endpoint_id,
        url: endpoint.url,
        types: endpoint.types,
        state: endpoint.state.name(),
        disabled_at: disabled.then_some(endpoint.state_at),
        disabled_reason: disabled.then_some(endpoint.state_reason),
        failing_since: endpoint.failing_since,
        created_at: endpoint.created_at,
    })
}

fn with_fingerprint(
    status: StatusCode,
    endpoint: &Endpoint,
    keys: &KeyRing,
) -> Result<Saved, FlowError> {
    let answer = EndpointAnswer {
        secret: keys.shown()?.fingerprint(),
        endpoint: view(endpoint.clone())?,
    };
    saved(status, &answer)
}

fn without_secret(endpoint: Endpoint) -> Result<EndpointAnswer<EndpointView>, FlowError> {
    let endpoint = view(endpoint)?;
    let secret = None;
    Ok(EndpointAnswer { endpoint, secret })
}

/// Puts the secret in the place of its fingerprint. It is kept once, where it signs; a repeat that
/// comes when it signs no more, or the endpoint is gone, is answered without it.
async fn reveal(app: &App, merchant: &Merchant, answered: Answered) -> Result<Answered, FlowError> {
    let reveal = async |kept: Saved| {
        let mut answer: EndpointAnswer<Value> =
            serde_json::from_str(&kept.body).map_err(anyhow::Error::from)?;
        if let Some(fingerprint) = answer.secret.take() {
            let id = answer.endpoint["id"].as_str().unwrap_or_default();
            answer.secret = match manage::get(app, &merchant.mch_id, id).await {
                Ok(endpoint) => KeyRing::read(&endpoint.signing_keys)?.secret_of(&fingerprint),
                Err(FlowError::EndpointNotFound(_)) => None,
                Err(error) => return Err(error),
            };
        }
        let body = serde_json::to_string(&answer).map_err(anyhow::Error::from)?;
        Ok(Saved { body, ..kept })
    };
    Ok(match answered {
        Answered::Now(kept) => Answered::Now(reveal(kept).await?),
        Answered::Before(kept) => Answered::Before(reveal(kept).await?),
    })
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    named: Named,
    Json(body): Json<CreateRequest>,
) -> Result<Answered, ApiError> {
    let call = named.with_body(&merchant, &body)?;
    let wanted = NewEndpoint {
        url: body.url,
        types: body.types.unwrap_or_default(),
        scheme: body.signing.unwrap_or_default(),
    };
    let (flow_app, mch_id) = (app.clone(), merchant.mch_id.clone());
    let answered = once(&app, call, |claim| async move {
        let answer = |endpoint: &_, keys: &_| with_fingerprint(StatusCode::CREATED, endpoint, keys);
        manage::create(&flow_app, &mch_id, wanted, &claim, answer).await
    });
    Ok(reveal(&app, &merchant, answered.await?).await?)
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
) -> Result<Answer<List<EndpointView>>, ApiError> {
    let endpoints = manage::list(&app, &merchant.mch_id).await?;
    let data = endpoints.into_iter().map(view).collect::<Result<_, _>>()?;
    let next_cursor = None;
    Ok(Answer(List { data, next_cursor }))
}

pub(super) async fn get(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    Path(id): Path<String>,
) -> Result<Answer<EndpointAnswer<EndpointView>>, ApiError> {
    let endpoint = manage::get(&app, &merchant.mch_id, &id).await?;
    Ok(Answer(without_secret(endpoint)?))
}

pub(super) async fn delete(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    manage::delete(&app, &merchant.mch_id, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RotateRequest {
    overlap_s: Option<u32>,
    signing: Option<Scheme>,
}

impl JsonBody for RotateRequest {}

pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    Path(id): Path<String>,
    named: Named,
    Json(body): Json<RotateRequest>,
) -> Result<Answered, ApiError> {
    let call = named.with_body(&merchant, &body)?;
    let wanted = Rotation {
        scheme: body.signing,
        overlap_s: body.overlap_s,
    };
    let (flow_app, mch_id) = (app.clone(), merchant.mch_id.clone());
    let answered = once(&app, call, |claim| async move {
        let answer = |endpoint: &_, keys: &_| with_fingerprint(StatusCode::OK, endpoint, keys);
        manage::rotate(&flow_app, &mch_id, &id, wanted, &claim, answer).await
    });
    Ok(reveal(&app, &merchant, answered.await?).await?)
}

pub(super) async fn enable(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    Path(id): Path<String>,
    named: Named,
) -> Result<Answered, ApiError> {
    let (call, flow_app) = (named.of_merchant(&merchant), app.clone());
    let answered = once(&app, call, |_| async move {
        let endpoint = manage::enable(&flow_app, &merchant.mch_id, &id).await?;
        saved(StatusCode::OK, &without_secret(endpoint)?)
    });
    Ok(answered.await?)
}

/// One event by its id, or everything since a time.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplayRequest {
    event_id: Option<String>,
    since: Option<Millis>,
    cursor: Option<String>,
}

impl JsonBody for ReplayRequest {}

/// `{"queued", "next_cursor"}`; with a cursor there is more to replay.
#[derive(Serialize)]
pub(super) struct ReplayAnswer {
    queued: u32,
    next_cursor: Option<String>,
}

pub(super) async fn replay(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    Path(id): Path<String>,
    named: Named,
    Json(body): Json<ReplayRequest>,
) -> Result<Answered, ApiError> {
    let call = named.with_body(&merchant, &body)?;
    let wanted = match (body.event_id, body.since) {
        (Some(event), None) => Wanted::Event(event_id(&event)?),
        (None, Some(since)) => {
            let after = body.cursor.as_deref().map(event_id).transpose()?;
            Wanted::Since(since, after)
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(ApiError::invalid("send either event_id or since"));
        }
    };
    let flow_app = app.clone();
    let answered = once(&app, call, |_| async move {
        let replayed = wanted.replay(&flow_app, &merchant.mch_id, &id).await?;
        saved(StatusCode::ACCEPTED, &replayed)
    });
    Ok(answered.await?)
}

/// What is to be told again. Told twice it is told at least once, as events always are.
enum Wanted {
    Event(EventId),
    Since(Millis, Option<EventId>),
}

impl Wanted {
    async fn replay(self, app: &App, mch_id: &MchId, id: &str) -> Result<ReplayAnswer, FlowError> {
        match self {
            Self::Event(event) => {
                manage::replay(app, mch_id, id, &event).await?;
                Ok(ReplayAnswer {
                    queued: 1,
                    next_cursor: None,
                })
            }
            Self::Since(since, after) => {
                let replayed = manage::replay_since(app, mch_id, id, since, after).await?;
                Ok(ReplayAnswer {
                    queued: replayed.queued,
                    next_cursor: replayed.next.as_ref().map(webhook::message_id),
                })
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttemptParams {
    event_id: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

#[derive(Serialize)]
pub(super) struct AttemptView {
    id: String,
    event_id: String,
    number: u32,
    at: Millis,
    duration_ms: i64,
    status: Option<u16>,
    outcome: String,
    answer: String,
}

pub(super) async fn attempts(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    Path(id): Path<String>,
    Params(params): Params<AttemptParams>,
) -> Result<Answer<List<AttemptView>>, ApiError> {
    let limit = page_limit(params.limit)?;
    let event = params.event_id.as_deref().map(event_id).transpose()?;
    let (mch_id, before) = (&merchant.mch_id, params.cursor.as_deref());
    if before.is_some_and(|cursor| !cursor.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        return Err(ApiError::invalid(
            "cursor is not one that this server gave out",
        ));
    }
    let found = manage::attempts(&app, mch_id, &id, event.as_ref(), before, limit).await?;
    Ok(Answer(attempts_page(found, limit)))
}

/// The row more than was asked for proves that there is a next page; the largest page has no room
/// for one, and its next page may turn out empty.
fn attempts_page(mut found: Vec<Attempt>, limit: u32) -> List<AttemptView> {
    let rows = u32::try_from(found.len()).unwrap_or(u32::MAX);
    let more = rows > limit || rows == store::PAGE_MAX;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let last = found.last().filter(|_| more);
    List {
        next_cursor: last.map(|last| last.attempt_id.clone()),
        data: found.into_iter().map(attempt_view).collect(),
    }
}

fn attempt_view(attempt: Attempt) -> AttemptView {
    AttemptView {
        id: attempt.attempt_id,
        event_id: webhook::message_id(&attempt.event_id),
        number: attempt.number,
        at: attempt.at,
        duration_ms: attempt.duration_ms,
        status: attempt.status,
        outcome: attempt.outcome,
        answer: attempt.answer,
    }
}
