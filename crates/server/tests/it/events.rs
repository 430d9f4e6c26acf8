//! Following the events: `GET /v1/events`.

use serde_json::{Value, json};

use crate::world::{API_KEY, World, on_both_engines};

on_both_engines!(
    w02_a_reader_goes_on_where_the_last_page_ended,
    an_events_id_is_a_place_to_go_on_from,
    what_is_no_place_is_refused,
);

async fn events(world: &World, query: &str) -> Value {
    let answer = world.get(API_KEY, &format!("/v1/events{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Places an order and has it closed, which is the quickest event.
async fn close_one(world: &World, token: &str) -> String {
    let (order_no, _) = world.latte(token).await;
    let path = format!("/v1/orders/{order_no}/close");
    let answer = world.post(API_KEY, &path, None, &json!({})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    order_no
}

fn orders(page: &Value) -> Vec<&str> {
    let events = page["data"].as_array().unwrap();
    events
        .iter()
        .map(|event| event["data"]["order_no"].as_str().unwrap())
        .collect()
}

/// Whoever lost what he was told reads the events from his last cursor on.
async fn w02_a_reader_goes_on_where_the_last_page_ended(world: World) {
    assert_eq!(
        events(&world, "").await,
        json!({"data": [], "next_cursor": "0", "has_more": false})
    );
    let token = world.log_in("demo").await;
    let mut closed = Vec::new();
    for _ in 0..3 {
        closed.push(close_one(&world, &token).await);
    }
    let first = events(&world, "?after=0&limit=2").await;
    assert_eq!(orders(&first), closed[..2]);
    assert_eq!(first["has_more"], true);
    let event = &first["data"][0];
    assert_eq!(event["type"], "order.closed");
    assert_eq!(event["data"]["state"], "closed");
    assert!(event["data"]["version"].is_i64() && event["created_at"].is_string());

    let cursor = first["next_cursor"].as_str().unwrap();
    let second = events(&world, &format!("?after={cursor}&limit=2")).await;
    assert_eq!(orders(&second), closed[2..]);
    let cursor = second["next_cursor"].as_str().unwrap();
    let nothing = events(&world, &format!("?after={cursor}")).await;
    assert_eq!(
        (orders(&nothing).len(), &nothing["next_cursor"]),
        (0, &json!(cursor))
    );
    closed.push(close_one(&world, &token).await);
    let more = events(&world, &format!("?after={cursor}")).await;
    assert_eq!(orders(&more), closed[3..]);
}

async fn an_events_id_is_a_place_to_go_on_from(world: World) {
    let token = world.log_in("demo").await;
    let first = close_one(&world, &token).await;
    let id = events(&world, "").await["data"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(id.contains(&first) && !id.contains('.'), "{id}");
    let second = close_one(&world, &token).await;
    let page = events(&world, &format!("?after={id}")).await;
    assert_eq!(orders(&page), [second]);
}

async fn what_is_no_place_is_refused(world: World) {
    for (query, refusal) in [
        ("?after=7", (400, "INVALID_REQUEST")),
        ("?after=%20", (400, "INVALID_REQUEST")),
        ("?limit=101", (400, "INVALID_REQUEST")),
        ("?before=1", (400, "INVALID_REQUEST")),
        ("?after=2026:order-1:3", (404, "EVENT_NOT_FOUND")),
    ] {
        let answer = world.get(API_KEY, &format!("/v1/events{query}")).await;
        let (status, code) = answer.refusal();
        assert_eq!((status, code.as_str()), refusal, "{query}");
    }
    let answer = world.get("no-such-key", "/v1/events").await;
    assert_eq!(answer.refusal(), (401, "API_KEY_INVALID".to_owned()));
}
