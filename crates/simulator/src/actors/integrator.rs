//! The merchant's own systems, which want to be told and which ask.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{audit::Violation, client::Call, shop::API_KEY, trace::say, world::World};

/// Pages that one look reads.
const PAGES_MAX: u32 = 100;

/// Asks to be told of everything, until that is certain.
pub(crate) async fn register_webhook(world: &World) {
    let chance = world.chance.named("integrator");
    let body = json!({"url": "https://merchant.example/hook"});
    let call = Call::post("/v1/webhook_endpoints".to_owned(), API_KEY, body);
    for _ in 0..PAGES_MAX {
        let answer = call.until_answered(world, &chance).await;
        if answer.is_good() {
            return;
        }
        say!(
            world.trace,
            "integrator",
            "is not heard: {:?} {}",
            answer.status,
            answer.code()
        );
    }
    world.fail(Violation::new(
        "I0",
        "no webhook endpoint can be made".to_owned(),
        None,
    ));
}

/// Reads every event, from the cursor on, for ever. Nothing may be missing and nothing may come
/// twice; whether something is missing is seen at the end.
pub(crate) async fn follow_events(world: Arc<World>) {
    let chance = world.chance.named("follower");
    let mut cursor: Option<String> = None;
    loop {
        world.time.sleep(chance.seconds(60, 2 * 3600)).await;
        for _ in 0..PAGES_MAX {
            let after = cursor.as_ref().map(|cursor| format!("&after={cursor}"));
            let path = format!("/v1/events?limit=20{}", after.unwrap_or_default());
            let answer = Call::get(path, API_KEY).once(&world, &chance).await;
            if !answer.is_good() {
                break;
            }
            for event in answer.body["data"].as_array().into_iter().flatten() {
                let id = event["id"].as_str().unwrap_or_default();
                if let Err(violation) = world.auditor.read(id) {
                    world.fail(violation);
                }
            }
            cursor = answer.body["next_cursor"]
                .as_str()
                .map(str::to_owned)
                .or(cursor);
            if answer.body["has_more"] != Value::Bool(true) {
                break;
            }
        }
    }
}
