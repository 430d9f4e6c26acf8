//! The endpoints of a merchant: where its systems want to be told.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use domain::{Millis, webhook};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::{
    webhook_attempts::Attempt,
    webhook_endpoints::{Endpoint, EndpointState},
};

use super::{
    error::ApiError,
    events::event_id,
    extract::{ApiCaller, Json, JsonBody, Params},
    wire::page_limit,
};
use crate::{
    app::App,
    flows::{
        FlowError,
        manage_webhooks::{self as manage, NewEndpoint},
    },
    webhooks::{KeyRing, Scheme},
};

#[derive(Deserialize)]
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

/// `{"endpoint", "secret"?}`; the secret is there only when it was just made.
#[derive(Serialize)]
pub(super) struct EndpointAnswer {
    endpoint: EndpointView,
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

fn with_secret((endpoint, keys): (Endpoint, KeyRing)) -> Result<EndpointAnswer, FlowError> {
    Ok(EndpointAnswer {
        secret: keys.shown()?.secret(),
        endpoint: view(endpoint)?,
    })
}

fn without_secret(endpoint: Endpoint) -> Result<Answer<EndpointAnswer>, ApiError> {
    let endpoint = view(endpoint)?;
    let secret = None;
    Ok(Answer(EndpointAnswer { endpoint, secret }))
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    Json(body): Json<CreateRequest>,
) -> Result<(StatusCode, Answer<EndpointAnswer>), ApiError> {
    let wanted = NewEndpoint {
        url: body.url,
        types: body.types.unwrap_or_default(),
        scheme: body.signing.unwrap_or_default(),
    };
    let created = manage::create(&app, &merchant.mch_id, wanted).await?;
    Ok((StatusCode::CREATED, Answer(with_secret(created)?)))
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
) -> Result<Answer<EndpointAnswer>, ApiError> {
    without_secret(manage::get(&app, &merchant.mch_id, &id).await?)
}

pub(super) async fn delete(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    manage::delete(&app, &merchant.mch_id, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
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
    Json(body): Json<RotateRequest>,
) -> Result<Answer<EndpointAnswer>, ApiError> {
    let (mch_id, overlap_s) = (&merchant.mch_id, body.overlap_s);
    let rotated = manage::rotate(&app, mch_id, &id, body.signing, overlap_s).await?;
    Ok(Answer(with_secret(rotated)?))
}

pub(super) async fn enable(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    Path(id): Path<String>,
) -> Result<Answer<EndpointAnswer>, ApiError> {
    without_secret(manage::enable(&app, &merchant.mch_id, &id).await?)
}

/// One event by its id, or everything since a time.
#[derive(Deserialize)]
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
    Json(body): Json<ReplayRequest>,
) -> Result<(StatusCode, Answer<ReplayAnswer>), ApiError> {
    let mch_id = &merchant.mch_id;
    let answer = match (body.event_id, body.since) {
        (Some(event), None) => {
            manage::replay(&app, mch_id, &id, &event_id(&event)?).await?;
            ReplayAnswer {
                queued: 1,
                next_cursor: None,
            }
        }
        (None, Some(since)) => {
            let after = body.cursor.as_deref().map(event_id).transpose()?;
            let replayed = manage::replay_since(&app, mch_id, &id, since, after).await?;
            ReplayAnswer {
                queued: replayed.queued,
                next_cursor: replayed.next.as_ref().map(webhook::message_id),
            }
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(ApiError::invalid("send either event_id or since"));
        }
    };
    Ok((StatusCode::ACCEPTED, Answer(answer)))
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
