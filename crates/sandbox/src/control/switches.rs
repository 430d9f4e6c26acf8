//! Faults, settings, the inspector, and starting over.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Problem, Shared, read};
use crate::faults::{Fault, MAX_FAULTS};
use crate::settings::Settings;

#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    faults: Vec<Fault>,
}

pub(super) async fn requests(State(platform): Shared, Query(query): Query<After>) -> Json<Value> {
    let records = platform.inspector.after(query.after);
    let next = records.last().map_or(query.after, |record| record.id);
    Json(json!({ "data": records, "next_after": next }))
}

pub(super) async fn faults(State(platform): Shared) -> Json<Value> {
    Json(json!({ "faults": platform.faults.list() }))
}

pub(super) async fn set_faults(State(platform): Shared, body: Bytes) -> Answer {
    let Script { faults } = read(&body)?;
    if faults.len() > MAX_FAULTS {
        return Err(Problem::new(
            400,
            format!("a script has at most {MAX_FAULTS} faults"),
        ));
    }
    for (index, fault) in faults.iter().enumerate() {
        if let Some(mistake) = fault.mistake() {
            return Err(Problem::new(400, format!("faults[{index}]: {mistake}")));
        }
    }
    platform.faults.replace(faults);
    Ok(Json(json!({ "faults": platform.faults.list() })))
}

pub(super) async fn settings(State(platform): Shared) -> Json<Settings> {
    Json(platform.settings())
}

/// What is not named goes back to its default.
pub(super) async fn set_settings(
    State(platform): Shared,
    body: Bytes,
) -> Result<Json<Settings>, Problem> {
    let settings: Settings = read(&body)?;
    platform.set_settings(settings.clone());
    Ok(Json(settings))
}

pub(super) async fn reset(State(platform): Shared) -> Json<Value> {
    platform.reset();
    Json(json!({ "reset": true }))
}
