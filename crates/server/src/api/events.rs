//! `GET /v1/events`: what happened, in order, for systems that would rather ask than be called.

use std::sync::Arc;

use axum::{Json as Answer, extract::State};
use domain::{EventId, Millis, webhook};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::outbox::OutboxEvent;

use super::{
    error::ApiError,
    extract::{ApiCaller, Params},
    wire::page_limit,
};
use crate::{
    app::App,
    flows::{
        FlowError,
        read_events::{self, After, EventPage},
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListParams {
    after: Option<String>,
    limit: Option<u32>,
}

/// `{"id", "type", "created_at", "data"}`
#[derive(Serialize)]
pub(super) struct EventAnswer {
    id: String,
    r#type: String,
    created_at: Millis,
    data: Value,
}

/// `{"data": […], "next_cursor", "has_more"}`. Unlike other lists this one has no end, so the
/// cursor is there on every page, also on an empty one.
#[derive(Serialize)]
pub(super) struct Events {
    data: Vec<EventAnswer>,
    next_cursor: String,
    has_more: bool,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    Params(params): Params<ListParams>,
) -> Result<Answer<Events>, ApiError> {
    let limit = page_limit(params.limit)?;
    let after = after(params.after.as_deref())?;
    let page = read_events::page(&app, &merchant.mch_id, after, limit).await?;
    Ok(Answer(events(page)?))
}

/// A cursor is a number; an event's id is not.
fn after(text: Option<&str>) -> Result<After, ApiError> {
    let Some(text) = text else {
        return Ok(After::Nothing);
    };
    if text.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(position) = text.parse()
    {
        return Ok(After::Position(position));
    }
    event_id(text).map(After::Event)
}

/// An event's id as it is given out.
pub(super) fn event_id(text: &str) -> Result<EventId, ApiError> {
    webhook::event_id(text)
        .map_err(|_| ApiError::invalid("not a cursor or an event's id that this server gave out"))
}

fn events(page: EventPage) -> Result<Events, ApiError> {
    let answers = page.events.into_iter().map(|placed| answer(placed.event));
    Ok(Events {
        data: answers.collect::<Result<_, _>>()?,
        next_cursor: page.position.to_string(),
        has_more: page.more,
    })
}

fn answer(event: OutboxEvent) -> Result<EventAnswer, ApiError> {
    Ok(EventAnswer {
        id: webhook::message_id(&event.event_id),
        created_at: event.created_at,
        data: serde_json::from_str(&event.data)
            .map_err(|error| FlowError::Internal(error.into()))?,
        r#type: event.kind,
    })
}
