//! What is refused before anything is done for it: the first and cheapest of all answers, for which
//! no body is read, nothing is signed or verified, and no database is asked.

use std::{net::IpAddr, sync::Arc};

use axum::extract::Request;
use http::{HeaderMap, Method, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    caller::{Caller, Peer, caller},
    error::{ApiError, ErrorCode},
    extract::bearer,
    lane::Lane,
};
use crate::{app::App, limits::Standing, telemetry::names};

/// A request at the gate.
pub(super) struct Entry {
    /// What its caller is told about the limit that is nearest to it.
    pub(super) standing: Option<Standing>,
    /// The place that it holds until it is answered, where its lane has places for all of it.
    pub(super) outcome: Result<Option<OwnedSemaphorePermit>, ApiError>,
}

pub(super) fn enter(app: &App, lane: Lane, request: &Request) -> Entry {
    if is_encoded(request.headers()) {
        let refusal = ApiError::new(
            ErrorCode::ContentEncodingUnsupported,
            "send the body as it is, without Content-Encoding",
        );
        return Entry {
            standing: None,
            outcome: Err(refusal),
        };
    }
    let standing = standing(app, lane, request);
    let outcome = match standing.as_ref().and_then(Standing::exceeded) {
        Some((policy, wait_s)) => {
            let name = policy.name();
            metrics::counter!(names::RATE_LIMITED_TOTAL, "policy" => name).increment(1);
            Err(ApiError::too_fast(name, wait_s))
        }
        None => place(app, lane, request.method()),
    };
    Entry { standing, outcome }
}

/// A small body can unpack to one that fills the memory, and nobody needs that here.
fn is_encoded(headers: &HeaderMap) -> bool {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).into_iter();
    encodings.any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Counts the request against its limits: the address first, then who it says it is.
fn standing(app: &App, lane: Lane, request: &Request) -> Option<Standing> {
    if matches!(lane, Lane::Notification | Lane::Alive) {
        return None;
    }
    let (limits, now) = (&app.caller_limits, app.clock.now());
    let address = address(app, request);
    let by_address = address.and_then(|address| limits.address(address, now));
    if by_address.is_some_and(|standing| standing.exceeded().is_some()) {
        return by_address;
    }
    let credential = bearer(request.headers());
    let own = match lane {
        Lane::Login => address.and_then(|address| limits.login(address, now)),
        Lane::Buyer => credential.and_then(|token| limits.session(token, now)),
        Lane::Merchant => credential.and_then(|key| limits.api_key(key, now)),
        Lane::Open | Lane::Notification | Lane::Alive => None,
    };
    own.or(by_address)
}

/// The address that limits count by; none when it cannot be told from those of other callers.
fn address(app: &App, request: &Request) -> Option<IpAddr> {
    let Peer(peer) = request.extensions().get::<Peer>()?;
    let trusted = &app.settings.server.trusted_proxies;
    match caller(peer.ip(), request.headers(), trusted) {
        Caller::At(address) => Some(address),
        Caller::BehindStranger(proxy) => {
            app.caller_limits.note_stranger(proxy);
            None
        }
    }
}

/// Reads hold their place from here on. What has a body takes its own once that is read, or a slow
/// sender would hold it.
fn place(app: &App, lane: Lane, method: &Method) -> Result<Option<OwnedSemaphorePermit>, ApiError> {
    let reads = matches!(lane, Lane::Buyer | Lane::Merchant) && method == Method::GET;
    if reads {
        take_place(&app.reads_in_flight, "reads").map(Some)
    } else {
        Ok(None)
    }
}

/// Refuses while a lane is full, before anything is read; no place is taken yet.
pub(super) fn check_room(lane: &Semaphore, name: &'static str) -> Result<(), ApiError> {
    if lane.available_permits() > 0 {
        Ok(())
    } else {
        Err(shed(name))
    }
}

/// A place in a lane, to be held until the work is done.
pub(super) fn take_place(
    lane: &Arc<Semaphore>,
    name: &'static str,
) -> Result<OwnedSemaphorePermit, ApiError> {
    let place = Arc::clone(lane).try_acquire_owned();
    place.map_err(|_full| shed(name))
}

fn shed(lane: &'static str) -> ApiError {
    metrics::counter!(names::REQUESTS_SHED_TOTAL, "lane" => lane).increment(1);
    ApiError::new(
        ErrorCode::Overloaded,
        format!("as many {lane} as the server takes are in flight; repeat after `Retry-After`"),
    )
}
