//! Bills that were held against the books, for the merchant's own systems.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{FromRequestParts, Path, State},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{BillDay, Millis, RefundNo, TransactionId, reconcile::DifferenceState};
use fen::Fen;
use http::request::Parts;
use serde::{Deserialize, Serialize};
use store::{
    PAGE_MAX,
    reconciliations::{
        Reconciliation,
        differences::{Listed, Place},
    },
};

use super::{
    error::ApiError,
    extract::{ApiCaller, Params},
    wire::{Page, page_limit},
};
use crate::{app::App, flows::read_reconciliations};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListParams {
    date: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// A run. The two sums are integers in fen that may be larger than any single amount.
#[derive(Serialize)]
pub(super) struct RunAnswer {
    date: BillDay,
    state: &'static str,
    rows: i64,
    unreadable_rows: i64,
    payments_fen: i64,
    refunds_fen: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    at: Millis,
}

impl From<Reconciliation> for RunAnswer {
    fn from(run: Reconciliation) -> Self {
        Self {
            date: run.day,
            state: run.state.name(),
            rows: run.rows,
            unreadable_rows: run.unreadable,
            payments_fen: run.payments_fen,
            refunds_fen: run.refunds_fen,
            detail: run.detail,
            at: run.at,
        }
    }
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    Params(params): Params<ListParams>,
) -> Result<Answer<Page<RunAnswer>>, ApiError> {
    let limit = page_limit(params.limit)?;
    if let Some(date) = &params.date {
        let run = read_reconciliations::run(&app, &merchant.mch_id, day(date)?).await?;
        let data = run.into_iter().map(RunAnswer::from).collect();
        return Ok(Answer(Page::new(data, None)));
    }
    let before = params.cursor.as_deref().map(day).transpose()?;
    let runs = read_reconciliations::runs(&app, &merchant.mch_id, before, limit).await?;
    let last = runs.last().map(|run| run.day.to_string());
    let next_cursor = last.filter(|_| is_full(runs.len(), limit));
    let data = runs.into_iter().map(RunAnswer::from).collect();
    Ok(Answer(Page::new(data, next_cursor)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DifferenceParams {
    state: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// A difference, with the same fields as `reconciliation.difference`, and where it stands.
#[derive(Serialize)]
pub(super) struct DifferenceAnswer {
    kind: &'static str,
    state: &'static str,
    order_no: String,
    transaction_id: TransactionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_no: Option<RefundNo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billed_fen: Option<Fen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    booked_fen: Option<Fen>,
    found_at: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<Millis>,
}

impl From<Listed> for DifferenceAnswer {
    fn from(listed: Listed) -> Self {
        let difference = listed.difference;
        Self {
            kind: difference.kind_name(),
            state: listed.state.name(),
            billed_fen: difference.kind.billed(),
            booked_fen: difference.kind.booked(),
            order_no: difference.order_no,
            transaction_id: difference.subject.transaction_id,
            refund_no: difference.subject.refund_no,
            found_at: listed.found_at,
            settled_at: listed.settled_at,
        }
    }
}

pub(super) async fn differences(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    DayPath(day): DayPath,
    Params(params): Params<DifferenceParams>,
) -> Result<Answer<Page<DifferenceAnswer>>, ApiError> {
    let limit = page_limit(params.limit)?;
    let state = params.state.as_deref().map(state).transpose()?;
    let after = place(params.cursor.as_deref())?;
    let listed =
        read_reconciliations::differences(&app, &merchant.mch_id, day, state, &after, limit)
            .await?;
    let last = listed.last().map(Listed::place);
    let next_cursor = last.filter(|_| is_full(listed.len(), limit));
    let data = listed.into_iter().map(DifferenceAnswer::from).collect();
    Ok(Answer(Page::new(
        data,
        next_cursor.map(|place| cursor(&place)),
    )))
}

/// A full page may be followed by an empty one.
fn is_full(rows: usize, limit: u32) -> bool {
    u32::try_from(rows).is_ok_and(|rows| rows >= limit.min(PAGE_MAX))
}

fn day(text: &str) -> Result<BillDay, ApiError> {
    BillDay::parse(text).map_err(|_| ApiError::invalid("a date is written like 2026-11-23"))
}

fn state(name: &str) -> Result<DifferenceState, ApiError> {
    DifferenceState::from_name(name)
        .ok_or_else(|| ApiError::invalid("state is one of waiting, open, settled"))
}

fn cursor(place: &Place) -> String {
    let parts = [&place.kind, &place.transaction_id, &place.refund_no];
    URL_SAFE_NO_PAD.encode(parts.map(String::as_str).join("|"))
}

/// Where the page before ended. Only the last part may hold a `|` of its own.
fn place(cursor: Option<&str>) -> Result<Place, ApiError> {
    let Some(cursor) = cursor else {
        return Ok(Place::default());
    };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = text
        .as_deref()
        .map(|text| text.splitn(3, '|').collect::<Vec<_>>());
    match parts.as_deref() {
        Some([kind, transaction_id, refund_no]) => Ok(Place {
            kind: (*kind).to_owned(),
            transaction_id: (*transaction_id).to_owned(),
            refund_no: (*refund_no).to_owned(),
        }),
        _ => Err(ApiError::invalid(
            "cursor is not one that this server gave out",
        )),
    }
}

/// The day in the path.
pub(super) struct DayPath(BillDay);

impl<S: Send + Sync> FromRequestParts<S> for DayPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|_| ApiError::invalid("the path cannot be read"))?;
        day(&text).map(Self)
    }
}
