//! Where WeChat Pay reports payments and refunds. The bytes are passed on untouched: the signature
//! covers exactly them. No login, no cookies, no content type: only the signature counts.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use http::StatusCode;

use super::{
    error::{ApiError, ErrorCode},
    extract::{check_length, read_body},
    gate,
};
use crate::{
    app::App,
    flows::ingest_notification::{self, IngestError},
};

/// What the lane is called in figures.
const NOTIFICATIONS: &str = "notifications";

pub(super) async fn receive(
    State(app): State<Arc<App>>,
    Path(merchant_key): Path<String>,
    request: Request,
) -> Result<StatusCode, ApiError> {
    let Some(merchant) = app.merchants.by_key(&merchant_key) else {
        return Err(ApiError::new(
            ErrorCode::MerchantNotFound,
            "the last segment of notify_url must be the <key> of a configured [merchants.<key>]",
        ));
    };
    // The cheap refusals first, and a place only for what came whole: a forger is refused by its
    // headers, and a slow sender holds nothing that others need.
    let (parts, body) = request.into_parts();
    check_length(&app, &parts.headers)?;
    ingest_notification::glance(&app, &merchant, &parts.headers).map_err(refusal)?;
    gate::check_room(&app.notifications_in_flight, NOTIFICATIONS)?;
    let body = read_body(&app, &parts.headers, body).await?;
    let _place = gate::take_place(&app.notifications_in_flight, NOTIFICATIONS)?;
    match ingest_notification::ingest(&app, &merchant, &parts.headers, &body).await {
        // WeChat looks at the status alone; 204 means that the event is on our disk.
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err(refusal(error)),
    }
}

fn refusal(error: IngestError) -> ApiError {
    match error {
        IngestError::Rejected(reason) => ApiError::new(
            ErrorCode::NotificationRejected,
            format!("not accepted as WeChat Pay's: {reason}"),
        ),
        IngestError::Malformed => ApiError::invalid(
            "the body is not a WeChat Pay notification, though its signature is good",
        ),
        IngestError::Undecryptable => ApiError::new(
            ErrorCode::NotificationUnreadable,
            "the signature is good but the configured APIv3 key does not open it",
        ),
        IngestError::Flow(error) => error.into(),
    }
}
