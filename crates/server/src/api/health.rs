//! `/livez` says that the process answers; `/readyz` says whether it can do its work, and what is
//! missing: a database that answers and takes writes, platform keys, a clock.

use std::sync::Arc;

use axum::{Json as Answer, extract::State};
use http::StatusCode;
use serde::Serialize;

use crate::app::App;

#[derive(Serialize)]
pub(super) struct Liveness {
    status: &'static str,
}

pub(super) async fn livez() -> Answer<Liveness> {
    Answer(Liveness { status: "ok" })
}

#[derive(Serialize)]
pub(super) struct Readiness {
    status: &'static str,
    database: &'static str,
    merchants: Vec<MerchantReadiness>,
}

#[derive(Serialize)]
struct MerchantReadiness {
    key: String,
    platform_keys: usize,
    /// Seconds that our clock is ahead of WeChat Pay's, once an answer has told us.
    clock_skew_s: Option<i64>,
    ready: bool,
}

pub(super) async fn readyz(State(app): State<Arc<App>>) -> (StatusCode, Answer<Readiness>) {
    let database = app.store.check_ready().await.is_ok();
    let merchants: Vec<_> = app
        .merchants
        .iter()
        .map(|merchant| {
            let platform_keys = merchant.platform_keys();
            let clock_skew_s = merchant.clock_skew_s();
            MerchantReadiness {
                key: merchant.key.clone(),
                platform_keys,
                clock_skew_s,
                ready: platform_keys > 0 && merchant.is_in_time(),
            }
        })
        .collect();
    let ready = database && merchants.iter().all(|merchant| merchant.ready);
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = Readiness {
        status: if ready { "ok" } else { "not_ready" },
        database: if database { "ok" } else { "unavailable" },
        merchants,
    };
    (status, Answer(body))
}
