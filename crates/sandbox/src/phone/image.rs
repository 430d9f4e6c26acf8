//! `<image src="https://…">`: pictures of the merchant's server, through the same gate.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;

use super::pages::INERT;
use super::proxy::{Got, Leave, admit};
use crate::control::Problem;
use crate::platform::Platform;

/// A picture that takes longer is shown as missing.
const TIMEOUT: Duration = Duration::from_secs(20);
/// A picture; larger ones make a phone crawl anyway.
const MAX_BYTES: usize = 10 * 1024 * 1024;

#[derive(Deserialize)]
pub(super) struct Wanted {
    url: String,
}

/// On a phone pictures may come from any host. Here they come from the mapped ones, because
/// nothing on this page is loaded from elsewhere.
pub(super) async fn image(
    State(platform): State<Arc<Platform>>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let phone = &platform.phone;
    let got = match admit(&phone.domains, &wanted.url) {
        Ok((url, host)) => {
            let leave = Leave::plain(url, host, TIMEOUT);
            phone.proxy.fetch(leave, MAX_BYTES).await
        }
        Err(failure) => Err(failure),
    };
    match got.map(picture) {
        Ok(Some(response)) => response,
        Ok(None) => Problem::new(502, "the answer is no picture").into_response(),
        Err(failure) => Problem::new(502, failure.words()).into_response(),
    }
}

fn picture(got: Got) -> Option<Response> {
    let kind = got.headers.get(header::CONTENT_TYPE)?.clone();
    let is_image = kind.as_bytes().starts_with(b"image/");
    if got.status != 200 || !is_image {
        return None;
    }
    let inert = HeaderValue::from_static(INERT);
    let headers = HeaderMap::from_iter([
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, inert),
    ]);
    Some((headers, got.body).into_response())
}
