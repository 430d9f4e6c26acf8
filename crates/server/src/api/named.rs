//! Calls that may carry an `Idempotency-Key`: what makes two of them the same, and their answer.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use serde::Serialize;

use super::{error::ApiError, extract::IdempotencyKey};
use crate::{
    app::App,
    flows::{
        FlowError,
        log_in::Buyer,
        once::{Answered, Call, Saved},
    },
    merchant::Merchant,
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const TRUE: HeaderValue = HeaderValue::from_static("true");

/// A call by its path, and by its key if its caller gave it one.
pub(super) struct Named {
    key: Option<String>,
    target: String,
}

impl FromRequestParts<Arc<App>> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let target = format!("{} {}", parts.method, parts.uri.path());
        let key = if parts.headers.contains_key(IdempotencyKey::HEADER) {
            let IdempotencyKey(key) = IdempotencyKey::from_request_parts(parts, app).await?;
            Some(key)
        } else {
            None
        };
        Ok(Self { key, target })
    }
}

impl Named {
    /// The call of a buyer; those that come here have no body.
    pub(super) fn of_buyer(self, buyer: &Buyer) -> Call {
        Call::of_buyer(buyer, self.key, &[&self.target])
    }

    /// The call of the merchant's own system, without a body.
    pub(super) fn of_merchant(self, merchant: &Merchant) -> Call {
        Call::of_merchant(merchant, self.key, &[&self.target])
    }

    /// The same with a body, as it was understood: another order of members is the same request.
    pub(super) fn with_body(
        self,
        merchant: &Merchant,
        body: &impl Serialize,
    ) -> Result<Call, FlowError> {
        let body = serde_json::to_string(body).map_err(anyhow::Error::from)?;
        Ok(Call::of_merchant(
            merchant,
            self.key,
            &[&self.target, &body],
        ))
    }
}

/// An answer in the form in which it is kept.
pub(super) fn saved(status: StatusCode, body: &impl Serialize) -> Result<Saved, FlowError> {
    Ok(Saved {
        status: status.as_u16(),
        body: serde_json::to_string(body).map_err(anyhow::Error::from)?,
    })
}

impl IntoResponse for Answered {
    fn into_response(self) -> Response {
        let (saved, replayed) = match self {
            Self::Now(saved) => (saved, None),
            Self::Before(saved) => (saved, Some((REPLAYED, TRUE))),
        };
        let status = StatusCode::from_u16(saved.status).unwrap_or(StatusCode::OK);
        let mut response = (status, [(header::CONTENT_TYPE, JSON)], saved.body).into_response();
        response.headers_mut().extend(replayed);
        response
    }
}
