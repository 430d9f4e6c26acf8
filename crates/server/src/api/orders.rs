//! The merchant's own systems: the API key decides which merchant; nothing in a request can.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json as Answer, extract::State, response::Response};
use domain::{Millis, OrderView};
use fen::Fen;
use http::StatusCode;
use serde::Deserialize;

use super::{
    error::ApiError,
    extract::{ApiCaller, IdempotencyKey, Json, JsonBody, OrderNoPath, Params, Room},
    mp::placed_answer,
    named::{Named, saved},
    wire::{OrderAnswer, Page, page_limit, page_of, parse_cursor},
};
use crate::{
    app::App,
    flows::{
        close_order::close_order,
        once::{Answered, once},
        place_order::{self, MerchantOrder},
        read_orders::{self, OrderFilter},
        refresh_order::refresh_order,
    },
};

/// Metadata is a note to oneself, not a document store.
const METADATA_BYTES_MAX: usize = 2 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderRequest {
    app_id: String,
    openid: String,
    amount_fen: Fen,
    description: String,
    expires_in_s: Option<u32>,
    metadata: Option<BTreeMap<String, String>>,
}

impl JsonBody for OrderRequest {}

pub(super) async fn place(
    State(app): State<Arc<App>>,
    room: Room,
    ApiCaller(merchant): ApiCaller,
    IdempotencyKey(key): IdempotencyKey,
    Json(body): Json<OrderRequest>,
) -> Result<Response, ApiError> {
    let wanted = MerchantOrder {
        app_id: body.app_id,
        openid: body.openid,
        amount: body.amount_fen,
        description: body.description,
        expires_in_s: body.expires_in_s,
        metadata: body.metadata.as_ref().map(metadata_text).transpose()?,
    };
    let permit = room.take(&app)?;
    let placed = place_order::order(app, permit, merchant, key, wanted).await?;
    Ok(placed_answer(placed))
}

/// Sorted keys make the text canonical, so that a repeat with another key order is still a repeat.
fn metadata_text(metadata: &BTreeMap<String, String>) -> Result<String, ApiError> {
    let text = serde_json::to_string(metadata)
        .map_err(|error| ApiError::invalid(format!("metadata: {error}")))?;
    if text.len() > METADATA_BYTES_MAX {
        return Err(ApiError::invalid(format!(
            "metadata is above {METADATA_BYTES_MAX} bytes"
        )));
    }
    Ok(text)
}

pub(super) async fn get(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    OrderNoPath(order_no): OrderNoPath,
) -> Result<Answer<OrderAnswer>, ApiError> {
    let order = read_orders::of_merchant(&app, &merchant, &order_no).await?;
    Ok(Answer(OrderAnswer::from(&order)))
}

pub(super) async fn refresh(
    State(app): State<Arc<App>>,
    room: Room,
    ApiCaller(merchant): ApiCaller,
    OrderNoPath(order_no): OrderNoPath,
    named: Named,
) -> Result<Answered, ApiError> {
    let place = room.take(&app)?;
    let (call, flow_app) = (named.of_merchant(&merchant), app.clone());
    let answered = once(&app, call, |_| async move {
        let order = read_orders::of_merchant(&flow_app, &merchant, &order_no).await?;
        let order = refresh_order(&flow_app, &merchant, order).await?;
        drop(place);
        saved(StatusCode::OK, &OrderAnswer::from(&order))
    });
    Ok(answered.await?)
}

pub(super) async fn close(
    State(app): State<Arc<App>>,
    room: Room,
    ApiCaller(merchant): ApiCaller,
    OrderNoPath(order_no): OrderNoPath,
    named: Named,
) -> Result<Answered, ApiError> {
    let place = room.take(&app)?;
    let (call, flow_app) = (named.of_merchant(&merchant), app.clone());
    let answered = once(&app, call, |_| async move {
        let order = read_orders::of_merchant(&flow_app, &merchant, &order_no).await?;
        let order = close_order(&flow_app, &merchant, order).await?;
        drop(place);
        saved(StatusCode::OK, &OrderAnswer::from(&order))
    });
    Ok(answered.await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListParams {
    state: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    Params(params): Params<ListParams>,
) -> Result<Answer<Page<OrderView>>, ApiError> {
    let limit = page_limit(params.limit)?;
    let filter = OrderFilter {
        state: params.state,
        from: params
            .from
            .as_deref()
            .map(|text| instant("from", text))
            .transpose()?,
        to: params
            .to
            .as_deref()
            .map(|text| instant("to", text))
            .transpose()?,
        after: parse_cursor(params.cursor.as_deref())?,
    };
    let orders = read_orders::page_of_merchant(&app, &merchant, filter, limit).await?;
    Ok(Answer(page_of(orders, limit)))
}

fn instant(name: &str, text: &str) -> Result<Millis, ApiError> {
    Millis::parse(text).map_err(|_| {
        ApiError::invalid(format!(
            "{name} is not RFC 3339, for example 2026-11-23T22:38:41+08:00"
        ))
    })
}
