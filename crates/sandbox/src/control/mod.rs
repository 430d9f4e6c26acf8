//! The control plane: the hand of whoever tests. It plays WeChat's users and operators, turns the
//! clock, and shows what happened. It listens on its own port and never under `/v3`.

mod cashier;
mod clock;
mod guard;
mod merchants;
mod notifications;
mod refunds;
mod switches;
mod users;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

pub(crate) use clock::{advance_by, shown as clock_shown};
pub(crate) use guard::AllowedHosts;
pub use merchants::MerchantInfo;
pub(crate) use merchants::change_one as change_merchant;
pub(crate) use refunds::{NewRefund, by_hand as refund_by_hand};
pub(crate) use switches::replace_script;
pub(crate) use users::{change_one as change_user, login_code, shown as shown_user};

use crate::gateway::MAX_BODY_BYTES;
use crate::phone;
use crate::platform::Platform;

type Shared = State<Arc<Platform>>;
type Answer = Result<Json<Value>, Problem>;

/// All calls of the control plane.
pub(crate) fn router(platform: Arc<Platform>, hosts: AllowedHosts) -> Router {
    Router::new()
        .route("/", get(console))
        .route("/control/merchant", get(merchants::default))
        .route(
            "/control/merchants",
            get(merchants::list).post(merchants::create),
        )
        .route("/control/merchants/{mchid}", put(merchants::change))
        .route(
            "/control/merchants/{mchid}/certificate",
            post(merchants::renew_certificate),
        )
        .route(
            "/control/platform-certificates",
            get(merchants::certificates),
        )
        .route(
            "/control/platform-certificates/rotate",
            post(merchants::rotate),
        )
        .route("/control/users", get(users::list).post(users::create))
        .route("/control/users/{user}", put(users::change))
        .route("/control/login", post(users::login))
        .route("/control/cashier", post(cashier::open))
        .route("/control/cashier/{id}/pay", post(cashier::pay))
        .route("/control/cashier/{id}/cancel", post(cashier::cancel))
        .route("/control/scan", post(cashier::scan))
        .route("/control/orders", get(cashier::orders))
        .route("/control/refunds", get(refunds::list).post(refunds::create))
        .route("/control/refunds/{refund_id}", put(refunds::decide))
        .route("/control/requests", get(switches::requests))
        .route("/control/story", get(switches::story))
        .route("/control/notifications", get(notifications::list))
        .route(
            "/control/notifications/{id}/resend",
            post(notifications::resend),
        )
        .route(
            "/control/faults",
            get(switches::faults)
                .put(switches::set_faults)
                .post(switches::add_faults),
        )
        .route(
            "/control/settings",
            get(switches::settings).put(switches::set_settings),
        )
        .route("/control/clock", get(clock::now).put(clock::change))
        .route("/control/clock/advance", post(clock::advance))
        .route("/control/reset", post(switches::reset))
        .merge(phone::router())
        .fallback(async || Problem::new(404, "no such call; see the README of shouyin-sandbox"))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn_with_state(hosts, guard::guard))
        .with_state(platform)
}

async fn console() -> Html<&'static str> {
    Html(include_str!("console.html"))
}

/// A mistake of whoever drives the control plane.
#[derive(Debug)]
pub(crate) struct Problem {
    status: u16,
    message: String,
}

impl Problem {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        (status, Json(json!({ "error": self.message }))).into_response()
    }
}

/// A member that is there, even if it is `null`: what is left out stays as it is.
fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// Reads a JSON body whatever its label says; an empty one counts as `{}`.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Problem::new(400, format!("body: {error}")))
}
