//! Faults, settings, the inspector, and starting over.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Problem, Shared, read};
use crate::faults::{Fault, MAX_FAULTS};
use crate::platform::Platform;
use crate::settings::Settings;
use crate::story::{Entry, switches as told};

#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: u64,
}

#[derive(Deserialize)]
pub(super) struct StoryQuery {
    #[serde(default)]
    after: u64,
    out_trade_no: Option<String>,
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
    Json(script_left(&platform))
}

pub(super) async fn set_faults(State(platform): Shared, body: Bytes) -> Answer {
    replace_script(&platform, &body)?;
    Ok(Json(script_left(&platform)))
}

/// Puts another script in force.
pub(crate) fn replace_script(platform: &Platform, body: &[u8]) -> Result<(), Problem> {
    let faults = read_script(body)?;
    let now = platform.clock.wall();
    let before = platform.faults.list(now);
    platform.faults.replace(faults.clone(), now);
    told::faults_replaced(platform, &before, &faults);
    Ok(())
}

/// Adds to what is in force.
pub(super) async fn add_faults(State(platform): Shared, body: Bytes) -> Answer {
    let faults = read_script(&body)?;
    if !platform.faults.add(faults.clone(), platform.clock.wall()) {
        return Err(too_long());
    }
    told::faults_added(&platform, &faults);
    Ok(Json(script_left(&platform)))
}

fn script_left(platform: &Platform) -> Value {
    json!({ "faults": platform.faults.list(platform.clock.wall()) })
}

fn too_long() -> Problem {
    let words = format!("a script has at most {MAX_FAULTS} faults");
    Problem::new(400, words)
}

fn read_script(body: &[u8]) -> Result<Vec<Fault>, Problem> {
    let Script { faults } = read(body)?;
    if faults.len() > MAX_FAULTS {
        return Err(too_long());
    }
    for (index, fault) in faults.iter().enumerate() {
        if let Some(mistake) = fault.mistake() {
            return Err(Problem::new(400, format!("faults[{index}]: {mistake}")));
        }
    }
    Ok(faults)
}

/// What is new since a revision, or everything about one order.
pub(super) async fn story(State(platform): Shared, Query(query): Query<StoryQuery>) -> Json<Value> {
    let mut news = platform.story.after(query.after);
    let wanted = query.out_trade_no.as_deref();
    if wanted.is_some() {
        news.entries
            .retain(|entry| entry.out_trade_no.as_deref() == wanted);
    }
    news.entries.sort_by_key(|entry| entry.id);
    let data: Vec<&Entry> = news.entries.iter().map(|entry| &**entry).collect();
    Json(json!({ "data": data, "next_after": news.last_revision }))
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
    told::settings(&platform);
    Ok(Json(settings))
}

pub(super) async fn reset(State(platform): Shared) -> Json<Value> {
    platform.reset();
    told::reset(&platform);
    Json(json!({ "reset": true }))
}
