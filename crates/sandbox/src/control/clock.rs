//! Virtual time by hand.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Problem, Shared, read};
use crate::clock::{Flow, later, rfc3339};
use crate::notifier;
use crate::platform::Platform;
use crate::story::{Outcome, states, switches as told};

/// Ten years at a step: beyond it the certificates are long expired.
const MAX_SECONDS: i64 = 10 * 366 * 86_400;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    seconds: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    flow: Flow,
}

pub(super) async fn now(State(platform): Shared) -> Json<Value> {
    Json(shown(&platform))
}

/// Both clocks, and whether virtual time passes by itself.
pub(crate) fn shown(platform: &Platform) -> Value {
    let clock = &platform.clock;
    json!({ "now": rfc3339(clock.now()), "real": rfc3339(clock.wall()), "flow": clock.flow() })
}

pub(super) async fn change(State(platform): Shared, body: Bytes) -> Answer {
    let Change { flow } = read(&body)?;
    platform.clock.set_flow(flow);
    told::flow(&platform, flow);
    platform.story.clock_moved();
    Ok(Json(shown(&platform)))
}

/// Answers when everything that fell due on the way is done.
pub(super) async fn advance(State(platform): Shared, body: Bytes) -> Answer {
    let Advance { seconds } = read(&body)?;
    if !(0..=MAX_SECONDS).contains(&seconds) {
        return Err(Problem::new(
            400,
            "seconds is 0 to ten years: time does not go back",
        ));
    }
    advance_by(&platform, seconds).await;
    Ok(Json(shown(&platform)))
}

/// Moves virtual time; 0 only does what is due.
pub(crate) async fn advance_by(platform: &Platform, seconds: i64) {
    let telling = (seconds > 0).then(|| told::advance(platform, seconds));
    notifier::advance(platform, later(platform.clock.now(), seconds)).await;
    platform.ledger().grow_old(platform.clock.now());
    states::tell(platform);
    if let Some(telling) = telling {
        telling.end(|entry| entry.outcome = Outcome::Ok);
        platform.story.clock_moved();
    }
}
