//! The few answers that are text: error pages, metrics, and "no such thing".

use std::sync::Arc;

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::header;

use super::error::{ApiError, ErrorCode};
use crate::{app::App, telemetry::names};

/// Writes the metrics in Prometheus' text format.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;

pub(super) async fn error_page(Path(code): Path<String>) -> Result<Response, ApiError> {
    let code = ErrorCode::parse(&code)
        .ok_or_else(|| ApiError::new(ErrorCode::RouteNotFound, "there is no such error code"))?;
    Ok((
        [(header::CONTENT_TYPE, "text/markdown; charset=utf-8")],
        code.page(),
    )
        .into_response())
}

pub(super) fn metrics(app: &App, render: &RenderMetrics) -> Response {
    for merchant in app.merchants.iter() {
        if let Some(skew) = merchant
            .clock_skew_s()
            .and_then(|skew| i32::try_from(skew).ok())
        {
            let key = merchant.key.clone();
            metrics::gauge!(names::CLOCK_SKEW_SECONDS, "merchant" => key).set(skew);
        }
    }
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        render(),
    )
        .into_response()
}

pub(super) async fn no_such_route() -> ApiError {
    ApiError::new(
        ErrorCode::RouteNotFound,
        "check the path and its version prefix `/v1`",
    )
}

pub(super) async fn method_not_allowed() -> ApiError {
    ApiError::new(
        ErrorCode::MethodNotAllowed,
        "see the `Allow` header for what this path takes",
    )
}
