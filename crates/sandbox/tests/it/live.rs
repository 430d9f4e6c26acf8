//! The story while it happens: server-sent events and cursors.

use std::time::Duration;

use serde_json::{Value, json};

use crate::events::{Event, Events};
use crate::world::{World, http};

#[tokio::test]
async fn listeners_hear_a_call_begin_and_end_and_get_what_they_missed() {
    let world = World::start().await;
    let url = format!("{}/phone/api/events", world.sandbox.control_url());
    let mut events = Events::open(&url, None).await;
    let frozen = events.next().await;
    assert_eq!(
        frozen.data["kind"], "switch",
        "without an id, all that is remembered"
    );
    world.prepay("STORY01").await;
    // A listener that comes late sees the end at once; one that is quick sees the beginning too.
    let ended = |event: &Event| event.data["kind"] == "api" && event.data["outcome"] == "ok";
    let end = events.until(ended).await;
    assert_eq!(end.name, "story");
    assert_eq!(end.id, end.data["revision"].as_u64());
    drop(events);

    world.query("STORY01").await;
    let mut events = Events::open(&url, end.id).await;
    let missed = events
        .until(|event| event.data["title"]["en"] == "Query order")
        .await;
    assert!(missed.id > end.id);
    world.advance(60).await;
    let clock = events.until(|event| event.name == "clock").await;
    assert_eq!(clock.data["flow"], "frozen");
    world.control("POST", "/reset", json!({})).await;
    events.until(|event| event.name == "reset").await;
    let told = events.until(|event| event.name == "story").await;
    assert_eq!(told.data["title"]["en"], "The sandbox starts over");

    let mut late = Events::open(&url, missed.id).await;
    assert_eq!(
        late.next().await.name,
        "reset",
        "what was seen before is gone"
    );
    let mut foreign = Events::open(&url, Some(1_000_000)).await;
    assert_eq!(
        foreign.next().await.name,
        "reset",
        "the numbers are of another run"
    );
    assert_eq!(foreign.next().await.data["kind"], "switch");
    let only_new = format!("{url}?after=9007199254740991");
    let mut only_new = Events::open(&only_new, None).await;
    world.prepay("STORY02").await;
    assert_eq!(only_new.next().await.data["out_trade_no"], "STORY02");
}

#[tokio::test]
async fn a_held_call_is_pending_and_lost_when_the_caller_hangs_up() {
    let world = World::start().await;
    let fault = json!({ "on": "query", "kind": "timeout", "times": 1 });
    world.fault(fault).await;
    let url = format!("{}/phone/api/events", world.sandbox.control_url());
    let mut events = Events::open(&url, None).await;
    let path = world.query_path("STORY01");
    let authorization = world.merchant.authorization("GET", &path, "");
    let call = http()
        .get(format!("{}{path}", world.sandbox.api_url()))
        .header("authorization", authorization)
        .timeout(Duration::from_millis(500));
    assert!(call.send().await.unwrap_err().is_timeout());
    let held = events.until(|event| event.data["fault"] == "timeout").await;
    assert_eq!(
        (&held.data["outcome"], &held.data["took_ms"]),
        (&json!("pending"), &Value::Null)
    );
    let lost = events.until(|event| event.data["outcome"] == "lost").await;
    assert_eq!(lost.data["id"], held.data["id"]);
}

#[tokio::test]
async fn a_cursor_gets_only_what_is_new() {
    let world = World::start().await;
    world.prepay("STORY01").await;
    let all = world.control("GET", "/story", json!({})).await;
    let after = all["next_after"].as_u64().unwrap();
    let path = format!("/story?after={after}");
    let none = world.control("GET", &path, json!({})).await;
    assert_eq!(none, json!({ "data": [], "next_after": after }));
    world.query("STORY01").await;
    let new = world.control("GET", &path, json!({})).await;
    assert_eq!(new["data"].as_array().unwrap().len(), 1);
}
