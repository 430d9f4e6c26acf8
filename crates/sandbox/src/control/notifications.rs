//! What was sent to merchants, and sending it again.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Problem, Shared};
use crate::notifier;

#[derive(Deserialize)]
pub(super) struct Filter {
    out_trade_no: Option<String>,
    mchid: Option<String>,
}

pub(super) async fn list(State(platform): Shared, Query(filter): Query<Filter>) -> Json<Value> {
    let mut notices = platform.notifier.list();
    notices.retain(|notice| {
        filter
            .out_trade_no
            .as_ref()
            .is_none_or(|wanted| *wanted == notice.out_trade_no)
            && filter
                .mchid
                .as_ref()
                .is_none_or(|wanted| *wanted == notice.mchid)
    });
    Json(json!({ "data": notices }))
}

/// Answers when the merchant has.
pub(super) async fn resend(State(platform): Shared, Path(id): Path<String>) -> Answer {
    let notice = notifier::resend(&platform, &id).await;
    let notice = notice.ok_or_else(|| Problem::new(404, "no such notification"))?;
    Ok(Json(json!(notice)))
}
