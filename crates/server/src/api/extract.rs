//! How a request becomes values: bodies, credentials, headers, path parts. Every refusal is a
//! problem.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, MatchedPath, Path, Query, Request},
};
use domain::OrderNo;
use futures_util::StreamExt;
use http::{HeaderMap, header, request::Parts};
use serde::de::DeserializeOwned;
use tokio::sync::OwnedSemaphorePermit;

use super::{
    error::{ApiError, ErrorCode},
    gate,
};
use crate::{
    app::App,
    flows::log_in::{self, Buyer},
    merchant::Merchant,
    telemetry::names,
};

/// The longest lawful `Idempotency-Key`; a UUID takes 36.
const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;

/// What the lane of logins is called in figures.
const LOGINS: &str = "logins";

/// A request body with its own advice for callers who send a field it does not have.
pub(super) trait JsonBody: DeserializeOwned {
    const UNKNOWN_FIELD_ADVICE: &'static str = "";
}

/// A parsed JSON body.
pub(super) struct Json<T>(pub(super) T);

impl<T: JsonBody> FromRequest<Arc<App>> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(
                ErrorCode::MediaTypeUnsupported,
                "send the body as JSON with `Content-Type: application/json`",
            ));
        }
        let (parts, body) = request.into_parts();
        let bytes = read_body(app, &parts.headers, body).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let mut detail = error.to_string();
            if detail.starts_with("unknown field") && !T::UNKNOWN_FIELD_ADVICE.is_empty() {
                detail = format!("{detail}; {}", T::UNKNOWN_FIELD_ADVICE);
            }
            ApiError::invalid(detail)
        })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let essence = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// Refuses a declared length above `server.max_body_bytes` before anything is read.
pub(super) fn check_length(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    let declared = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|length| length.parse::<usize>().ok());
    if declared.is_some_and(|length| length > body_limit(app)) {
        return Err(too_large(app));
    }
    Ok(())
}

fn body_limit(app: &App) -> usize {
    usize::try_from(app.settings.server.max_body_bytes).unwrap_or(usize::MAX)
}

fn too_large(app: &App) -> ApiError {
    let limit = body_limit(app);
    ApiError::new(
        ErrorCode::BodyTooLarge,
        format!("this call takes at most {limit} bytes"),
    )
}

/// Reads at most `server.max_body_bytes`.
pub(super) async fn read_body(
    app: &App,
    headers: &HeaderMap,
    body: Body,
) -> Result<Bytes, ApiError> {
    check_length(app, headers)?;
    let mut chunks = body.into_data_stream();
    let mut whole = Bytes::new();
    while let Some(chunk) = chunks.next().await {
        let chunk =
            chunk.map_err(|_| ApiError::invalid("the body ended before its declared length"))?;
        if whole.len().saturating_add(chunk.len()) > body_limit(app) {
            return Err(too_large(app));
        }
        // Nearly every body arrives in one piece, which is then passed on without a copy.
        whole = if whole.is_empty() {
            chunk
        } else {
            [whole, chunk].concat().into()
        };
    }
    Ok(whole)
}

/// The mini program's caller, from its session token.
impl FromRequestParts<Arc<App>> for Buyer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let refused = || {
            ApiError::new(
                ErrorCode::SessionInvalid,
                "log in again: wx.login, then POST /v1/mp/login, then send \
                 `Authorization: Bearer <token>`",
            )
        };
        let token = bearer(&parts.headers).ok_or_else(refused)?;
        log_in::buyer_of(app, token).await?.ok_or_else(refused)
    }
}

/// The merchant's own system, from its API key.
pub(super) struct ApiCaller(pub(super) Arc<Merchant>);

impl FromRequestParts<Arc<App>> for ApiCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let merchant = bearer(&parts.headers).and_then(|key| app.merchants.by_api_key(key));
        merchant.map(Self).ok_or_else(|| {
            ApiError::new(
                ErrorCode::ApiKeyInvalid,
                "send `Authorization: Bearer <api key>` with a key of the configuration",
            )
        })
    }
}

/// The credential of a request, whatever it is worth.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credential) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| credential.trim())
}

/// The caller's name for one intent, so that a retry is recognised.
pub(super) struct IdempotencyKey(pub(super) String);

impl IdempotencyKey {
    pub(super) const HEADER: &'static str = "idempotency-key";
}

impl FromRequestParts<Arc<App>> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, ApiError> {
        let key = parts
            .headers
            .get(Self::HEADER)
            .and_then(|value| value.to_str().ok());
        match key {
            Some(key)
                if (1..=IDEMPOTENCY_KEY_BYTES_MAX).contains(&key.len())
                    && key.bytes().all(|byte| byte.is_ascii_graphic()) =>
            {
                Ok(Self(key.to_owned()))
            }
            Some(_) | None => Err(ApiError::new(
                ErrorCode::IdempotencyKeyMissing,
                "send `Idempotency-Key` with 1 to 255 visible ASCII characters, the same one with \
                 every retry of the same intent",
            )),
        }
    }
}

/// There is room for one more call that signs. It is looked at before anything is read, so that an
/// overloaded server spends almost nothing on what it sheds; the place itself is taken when the
/// request is complete, so that slow senders and strangers hold none.
pub(super) struct Room(Option<MatchedPath>);

impl Room {
    /// Takes the place, to be held until the flow has ended.
    pub(super) fn take(&self, app: &App) -> Result<OwnedSemaphorePermit, ApiError> {
        app.orders_in_flight
            .clone()
            .try_acquire_owned()
            .map_err(|_full| self.shed())
    }

    fn shed(&self) -> ApiError {
        let route = self
            .0
            .as_ref()
            .map(MatchedPath::as_str)
            .unwrap_or_default()
            .to_owned();
        metrics::counter!(names::ORDERS_SHED_TOTAL, "route" => route).increment(1);
        ApiError::new(
            ErrorCode::Overloaded,
            "as many orders as the server takes are in flight; repeat after `Retry-After`",
        )
    }
}

impl FromRequestParts<Arc<App>> for Room {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let room = Self(parts.extensions.get::<MatchedPath>().cloned());
        if app.orders_in_flight.available_permits() > 0 {
            Ok(room)
        } else {
            Err(room.shed())
        }
    }
}

/// There is room for one more login, which is a call to WeChat; as [`Room`], it is looked at before
/// the body is read and taken after.
pub(super) struct LoginRoom(());

impl LoginRoom {
    pub(super) fn take(&self, app: &App) -> Result<OwnedSemaphorePermit, ApiError> {
        gate::take_place(&app.logins_in_flight, LOGINS)
    }
}

impl FromRequestParts<Arc<App>> for LoginRoom {
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        gate::check_room(&app.logins_in_flight, LOGINS).map(|()| Self(()))
    }
}

/// The order number of the path. A malformed one cannot exist, so it is "not found" like any other.
pub(super) struct OrderNoPath(pub(super) OrderNo);

impl FromRequestParts<Arc<App>> for OrderNoPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let not_found = || {
            ApiError::new(
                ErrorCode::OrderNotFound,
                "there is no order with this number",
            )
        };
        let Path(text) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|_| not_found())?;
        OrderNo::new(text).map(Self).map_err(|_| not_found())
    }
}

/// The query string, parsed; unknown parameters are refused by the types themselves.
pub(super) struct Params<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<App>> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, ApiError> {
        Query::<T>::try_from_uri(&parts.uri)
            .map(|Query(params)| Self(params))
            .map_err(|error| ApiError::invalid(error.body_text()))
    }
}
