//! The outermost layer: request id, time limit, panic net, problem bodies, one access-log line.
//!
//! It is one layer rather than five because every layer costs an allocation per request, and
//! because the request id is needed by all of them.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use tracing::{debug, error, warn};

use super::{
    error::{ApiError, ErrorCode},
    gate::{self, Entry},
    lane::Lane,
};
use crate::{app::App, clock::Stopwatch, telemetry::names};

/// Longer ids than this are a way to fill our log.
const REQUEST_ID_BYTES_MAX: usize = 128;

/// Seconds after which a shed or waiting caller may come back.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("1");

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const IDENTITY: HeaderValue = HeaderValue::from_static("identity");
const BEARER: HeaderValue = HeaderValue::from_static("Bearer");
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// RFC 9457, with our members.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: &'a str,
    retryable: bool,
    request_id: &'a str,
}

pub(super) async fn envelope(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let stopwatch = Stopwatch::start();
    let _in_flight = InFlightGauge::enter();
    let request_id = request_id(request.headers(), &app);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();

    let lane = Lane::of(route.as_ref());
    let Entry { standing, outcome } = gate::enter(&app, lane, &request);
    let response = match outcome {
        Ok(place) => {
            let limit = lane.time_limit(app.settings.server.request_timeout());
            let response = answer(limit, next.run(request), &request_id).await;
            drop(place);
            response
        }
        Err(refusal) => refusal.into_response(),
    };

    let mut response = as_problem(response, &request_id);
    let headers = response.headers_mut();
    // Answers hold tokens and payments: no proxy may keep them.
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(X_REQUEST_ID, value);
    }
    if let Some((policy, state)) = standing.and_then(|standing| standing.headers()) {
        headers.insert(RATELIMIT_POLICY, policy);
        headers.insert(RATELIMIT, state);
    }
    let route = route.as_ref().map_or("unmatched", |path| path.as_str());
    let labels = [
        ("route", route.to_owned()),
        ("status", response.status().as_str().to_owned()),
    ];
    metrics::histogram!(names::HTTP_REQUEST_DURATION_SECONDS, &labels).record(stopwatch.elapsed());
    debug!(
        http.method = %method, http.route = route, http.status = response.status().as_u16(),
        duration_us = stopwatch.elapsed().as_micros(), request_id = %request_id, "answered"
    );
    response
}

/// The answer of the handler, unless it takes too long or panics.
async fn answer(
    limit: Duration,
    handler: impl Future<Output = Response>,
    request_id: &str,
) -> Response {
    let answer = AssertUnwindSafe(tokio::time::timeout(limit, handler));
    match answer.catch_unwind().await {
        Ok(Ok(response)) => response,
        Ok(Err(_elapsed)) => ApiError::new(
            ErrorCode::RequestTimedOut,
            "not finished in time; repeat the identical request, with the same Idempotency-Key",
        )
        .into_response(),
        Err(_panic) => {
            error!(request_id, "a handler panicked; the panic message is above");
            ApiError::new(
                ErrorCode::Internal,
                "the cause is in the server's log under this request_id",
            )
            .into_response()
        }
    }
}

/// Counts a request for as long as it lives, also when its caller hangs up.
struct InFlightGauge;

impl InFlightGauge {
    fn enter() -> Self {
        metrics::gauge!(names::HTTP_REQUESTS_IN_FLIGHT).increment(1);
        Self
    }
}

impl Drop for InFlightGauge {
    fn drop(&mut self) {
        metrics::gauge!(names::HTTP_REQUESTS_IN_FLIGHT).decrement(1);
    }
}

/// The caller's id when it is harmless, else a fresh one.
fn request_id(headers: &HeaderMap, app: &App) -> String {
    let given = headers
        .get(X_REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    match given {
        Some(id)
            if (1..=REQUEST_ID_BYTES_MAX).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_graphic()) =>
        {
            id.to_owned()
        }
        Some(_) | None => {
            let mut entropy = [0_u8; 12];
            app.ids.fill(&mut entropy);
            hex::encode(entropy)
        }
    }
}

/// Writes the body of a refusal, whoever made it, and logs its cause once.
fn as_problem(mut response: Response, request_id: &str) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let error = match response.extensions_mut().remove::<ApiError>() {
        Some(error) => error,
        // Health answers are JSON of their own; everything else below us speaks no problem+json.
        None if has_json_body(&response) => return response,
        None => of_the_framework(status),
    };
    log(&error, request_id);
    let problem = Problem {
        r#type: format!("/errors/{}", error.code.as_str()),
        title: error.code.title(),
        status: error.code.status().as_u16(),
        code: error.code.as_str(),
        detail: &error.detail,
        retryable: error.code.retryable(),
        request_id,
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut answer = (error.code.status(), body).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
    if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
        headers.insert(header::ALLOW, allow);
    }
    use ErrorCode as Code;
    let soon = matches!(
        error.code,
        Code::Overloaded | Code::IdempotencyKeyInFlight | Code::OrderBusy
    );
    if let Some(seconds) = error.retry_after_s {
        headers.insert(header::RETRY_AFTER, seconds.into());
    } else if soon {
        headers.insert(header::RETRY_AFTER, RETRY_AFTER_S);
    }
    if error.code == Code::ContentEncodingUnsupported {
        headers.insert(header::ACCEPT_ENCODING, IDENTITY);
    }
    if matches!(error.code, Code::SessionInvalid | Code::ApiKeyInvalid) {
        headers.insert(header::WWW_AUTHENTICATE, BEARER);
    }
    answer
}

fn has_json_body(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
}

fn of_the_framework(status: StatusCode) -> ApiError {
    let code = ErrorCode::for_status(status);
    ApiError::new(code, status.canonical_reason().unwrap_or("refused"))
}

/// 5xx needs a human or a supervisor; a 4xx is the caller's business and shows at debug only. So
/// does what is shed: a line for each would be load upon load, and the figures count them.
fn log(error: &ApiError, request_id: &str) {
    let code = error.code.as_str();
    let cause = error
        .cause
        .as_deref()
        .map(|cause| format!("{cause:#}"))
        .unwrap_or_default();
    if error.code.status() == StatusCode::INTERNAL_SERVER_ERROR {
        error!(request_id, code, "{}: {cause}", error.detail);
    } else if error.code.status().is_server_error() && error.code != ErrorCode::Overloaded {
        warn!(request_id, code, "{}: {cause}", error.detail);
    } else {
        debug!(request_id, code, "{}", error.detail);
    }
}
