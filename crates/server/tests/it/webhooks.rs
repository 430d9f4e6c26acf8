//! Telling a merchant's own systems what happened. Signatures are checked by the reference
//! implementation of Standard Webhooks.

use serde_json::{Value, json};

use crate::{
    receiver::{Receiver, Told},
    world::{API_KEY, World, on_both_engines},
};

on_both_engines!(
    an_event_is_told_once_with_a_signature_that_the_reference_accepts,
    an_endpoint_is_told_what_it_wants_and_only_from_its_beginning,
    w01_a_receiver_that_is_down_for_three_days_is_tried_ten_times,
    w05_a_receiver_may_ask_for_time_and_its_redirects_are_not_followed,
    a_receiver_that_is_gone_is_not_called_again_until_it_is_enabled,
    an_endpoint_that_failed_for_five_days_is_disabled_and_loses_nothing,
    w04_both_secrets_sign_until_the_overlap_is_over,
    w02_one_event_and_all_since_a_time_can_be_told_again,
    many_workers_tell_each_event_once,
    a_deleted_endpoint_is_forgotten,
    what_is_not_lawful_is_refused,
);

pub(crate) async fn post(world: &World, path: &str, body: &Value) -> Value {
    let path = format!("/v1/webhook_endpoints{path}");
    let answer = world.post(API_KEY, &path, None, body).await;
    assert!(answer.status < 300, "{path}: {answer:?}");
    answer.json()
}

/// An endpoint's id and secret.
pub(crate) async fn endpoint(world: &World, body: &Value) -> (String, String) {
    let made = post(world, "", body).await;
    let id = made["endpoint"]["id"].as_str().unwrap().to_owned();
    (id, made["secret"].as_str().unwrap_or_default().to_owned())
}

async fn show(world: &World, id: &str) -> Value {
    let answer = world
        .get(API_KEY, &format!("/v1/webhook_endpoints/{id}"))
        .await;
    answer.json()["endpoint"].clone()
}

async fn attempts(world: &World, id: &str, query: &str) -> Vec<Value> {
    let path = format!("/v1/webhook_endpoints/{id}/attempts?limit=100{query}");
    let answer = world.get(API_KEY, &path).await.json();
    answer["data"].as_array().unwrap().clone()
}

/// Places an order and has it closed, which is the quickest event.
pub(crate) async fn close_one(world: &World) -> String {
    let token = world.log_in("demo").await;
    let (order_no, _) = world.latte(&token).await;
    let path = format!("/v1/orders/{order_no}/close");
    let answer = world.post(API_KEY, &path, None, &json!({})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    order_no
}

fn orders(told: &[Told]) -> Vec<String> {
    let order_no = |told: &Told| told.json()["data"]["order_no"].as_str().unwrap().to_owned();
    told.iter().map(order_no).collect()
}

async fn an_event_is_told_once_with_a_signature_that_the_reference_accepts(world: World) {
    let receiver = Receiver::start().await;
    let (id, secret) = endpoint(&world, &json!({"url": receiver.url})).await;
    let order_no = close_one(&world).await;
    world.run_jobs().await;
    world.run_jobs().await;
    let told = receiver.take();
    assert_eq!(orders(&told), [order_no]);
    assert!(told[0].is_signed_by(&secret));
    let webhook = standardwebhooks::Webhook::new(&secret).unwrap();
    let body = told[0].body.as_bytes();
    webhook.verify(body, &told[0].headers).unwrap();
    assert!(webhook.verify(b"{}", &told[0].headers).is_err());

    let body = told[0].json();
    assert_eq!(body["type"], "order.closed");
    assert!(body["timestamp"].as_str().unwrap().ends_with("+08:00"));
    assert!(
        body["data"]["version"].as_i64().unwrap() > 1,
        "the order of changes"
    );
    assert_eq!(told[0].header("content-type"), "application/json");
    let events = world.get(API_KEY, "/v1/events").await.json();
    assert_eq!(events["data"][0]["id"], told[0].header("webhook-id"));

    let made = &attempts(&world, &id, "").await[0];
    assert_eq!(made["event_id"], told[0].header("webhook-id"));
    assert_eq!(
        (&made["status"], &made["outcome"], &made["number"]),
        (&json!(200), &json!("delivered"), &json!(1))
    );
    let answer = made["answer"].as_str().unwrap();
    assert!(
        answer.starts_with("你好 from") && answer.len() <= 1030,
        "{answer}"
    );
    let shown = world.get(API_KEY, "/v1/webhook_endpoints").await.text;
    assert!(shown.contains(&id) && !shown.contains("whsec_"), "{shown}");
}

async fn an_endpoint_is_told_what_it_wants_and_only_from_its_beginning(world: World) {
    close_one(&world).await;
    let (all, paid) = (Receiver::start().await, Receiver::start().await);
    endpoint(&world, &json!({"url": all.url})).await;
    endpoint(&world, &json!({"url": paid.url, "types": ["order.paid"]})).await;
    let closed = close_one(&world).await;
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    world.pay("demo", &payment).await;
    let refresh = format!("/v1/orders/{order_no}/refresh");
    world.post(API_KEY, &refresh, None, &json!({})).await;
    world.run_jobs().await;
    assert_eq!(orders(&paid.take()), std::slice::from_ref(&order_no));
    let mut told = orders(&all.take());
    told.sort();
    assert_eq!(told, [closed, order_no]);
}

/// Ten attempts over 75 hours, each signed anew, with one id.
async fn w01_a_receiver_that_is_down_for_three_days_is_tried_ten_times(world: World) {
    let receiver = Receiver::start().await;
    receiver.otherwise(500);
    let (id, secret) = endpoint(&world, &json!({"url": receiver.url})).await;
    close_one(&world).await;
    world.run_jobs().await;
    assert_eq!(receiver.count(), 1);
    for (number, wait) in (1..).zip(&domain::webhook::LADDER[1..]) {
        world.advance(wait.as_secs() - 2).await;
        assert_eq!(receiver.count(), number, "too early");
        world.advance(3).await;
        assert_eq!(receiver.count(), number + 1, "too late");
    }
    world.advance(100 * 3600).await;
    let told = receiver.take();
    assert_eq!(told.len(), 10);
    for call in &told {
        assert!(call.is_signed_by(&secret));
        assert_eq!(call.header("webhook-id"), told[0].header("webhook-id"));
        assert_eq!(call.body, told[0].body);
    }
    assert_ne!(
        told[1].header("webhook-timestamp"),
        told[9].header("webhook-timestamp")
    );
    let event = format!("&event_id={}", told[0].header("webhook-id"));
    let made = attempts(&world, &id, &event).await;
    assert_eq!(made.len(), 10);
    assert_eq!(
        (&made[0]["number"], &made[0]["outcome"]),
        (&json!(10), &json!("answered 500"))
    );
    assert!(show(&world, &id).await["failing_since"].is_string());
}

/// A redirect leads nowhere: it is a failed attempt.
async fn w05_a_receiver_may_ask_for_time_and_its_redirects_are_not_followed(world: World) {
    let receiver = Receiver::start().await;
    let elsewhere = Receiver::start().await;
    let (id, _) = endpoint(&world, &json!({"url": receiver.url})).await;
    receiver.next(503, &[("retry-after", "120")]);
    receiver.next(307, &[("location", &elsewhere.url)]);
    close_one(&world).await;
    world.run_jobs().await;
    world.advance(110).await;
    assert_eq!(
        receiver.count(),
        1,
        "not before the time that was asked for"
    );
    world.advance(15).await;
    assert_eq!((receiver.count(), elsewhere.count()), (2, 0));
    let made = &attempts(&world, &id, "").await[0];
    let outcome = made["outcome"].as_str().unwrap();
    assert!(outcome.contains("redirects are not followed"), "{outcome}");
    world.advance(301).await;
    assert_eq!((receiver.count(), elsewhere.count()), (3, 0));
    assert!(show(&world, &id).await["failing_since"].is_null());
}

async fn a_receiver_that_is_gone_is_not_called_again_until_it_is_enabled(world: World) {
    let receiver = Receiver::start().await;
    let (id, _) = endpoint(&world, &json!({"url": receiver.url})).await;
    receiver.next(410, &[]);
    let first = close_one(&world).await;
    world.run_jobs().await;
    let shown = show(&world, &id).await;
    assert_eq!(
        (&shown["state"], &shown["disabled_reason"]),
        (&json!("disabled"), &json!("gone"))
    );
    assert_eq!(receiver.take().len(), 1);
    let second = close_one(&world).await;
    world.advance(3600).await;
    assert_eq!(receiver.count(), 0);
    let enabled = post(&world, &format!("/{id}/enable"), &json!({})).await;
    assert_eq!(enabled["endpoint"]["state"], "enabled");
    world.run_jobs().await;
    let mut told = orders(&receiver.take());
    told.sort();
    assert_eq!(told, [first, second]);
}

async fn an_endpoint_that_failed_for_five_days_is_disabled_and_loses_nothing(world: World) {
    let receiver = Receiver::start().await;
    receiver.otherwise(500);
    let (id, _) = endpoint(&world, &json!({"url": receiver.url})).await;
    close_one(&world).await;
    world.run_jobs().await;
    world.advance(4 * 24 * 3600).await;
    let second = close_one(&world).await;
    world.run_jobs().await;
    assert_eq!(show(&world, &id).await["state"], "enabled");
    world.advance(25 * 3600).await;
    let shown = show(&world, &id).await;
    assert_eq!(shown["disabled_reason"], "failing", "{shown}");
    receiver.take();
    receiver.otherwise(204);
    let third = close_one(&world).await;
    world.advance(3600).await;
    assert_eq!(receiver.count(), 0);
    post(&world, &format!("/{id}/enable"), &json!({})).await;
    world.run_jobs().await;
    let told = orders(&receiver.take());
    assert!(told.contains(&second) && told.contains(&third), "{told:?}");
}

/// Both secrets sign until the overlap is over, then the new one alone.
async fn w04_both_secrets_sign_until_the_overlap_is_over(world: World) {
    let receiver = Receiver::start().await;
    let (id, old) = endpoint(&world, &json!({"url": receiver.url})).await;
    let rotated = post(&world, &format!("/{id}/rotate"), &json!({"overlap_s": 600})).await;
    let new = rotated["secret"].as_str().unwrap();
    close_one(&world).await;
    world.run_jobs().await;
    let told = receiver.take();
    assert!(told[0].is_signed_by(&old));
    assert!(told[0].is_signed_by(new));
    world.advance(601).await;
    close_one(&world).await;
    world.run_jobs().await;
    let told = receiver.take();
    assert!(told[0].is_signed_by(new));
    assert!(!told[0].is_signed_by(&old));
    let ed25519 = json!({"signing": "v1a", "overlap_s": 0});
    let rotated = post(&world, &format!("/{id}/rotate"), &ed25519).await;
    assert!(rotated["secret"].is_null());
    let public_key = rotated["endpoint"]["public_key"].as_str().unwrap();
    assert!(public_key.starts_with("whpk_"), "{rotated}");
    close_one(&world).await;
    world.run_jobs().await;
    let signature = receiver.take()[0].header("webhook-signature").to_owned();
    assert!(
        signature.starts_with("v1a,") && !signature.contains(' '),
        "{signature}"
    );
}

/// What a receiver lost is told again: one event, or all since a time.
async fn w02_one_event_and_all_since_a_time_can_be_told_again(world: World) {
    let receiver = Receiver::start().await;
    let (id, _) = endpoint(&world, &json!({"url": receiver.url})).await;
    let first = close_one(&world).await;
    world.run_jobs().await;
    world.advance(60).await;
    let since = world.now().rfc3339();
    let second = close_one(&world).await;
    world.run_jobs().await;
    let told = receiver.take();
    assert_eq!(orders(&told), [first.clone(), second.clone()]);
    let event_id = told[0].header("webhook-id");
    let replay = format!("/{id}/replay");
    let queued = post(&world, &replay, &json!({"event_id": event_id})).await;
    assert_eq!(queued, json!({"queued": 1, "next_cursor": null}));
    world.run_jobs().await;
    let again = receiver.take();
    assert_eq!(
        (orders(&again), again[0].header("webhook-id")),
        (vec![first.clone()], event_id)
    );
    let queued = post(&world, &replay, &json!({"since": since})).await;
    assert_eq!(queued["queued"], 1, "{queued}");
    world.run_jobs().await;
    assert_eq!(orders(&receiver.take()), std::slice::from_ref(&second));
    post(
        &world,
        &replay,
        &json!({"since": "2020-01-01T00:00:00+08:00"}),
    )
    .await;
    world.run_jobs().await;
    assert_eq!(receiver.take().len(), 2);
}

async fn many_workers_tell_each_event_once(world: World) {
    let receivers = [Receiver::start().await, Receiver::start().await];
    for receiver in &receivers {
        endpoint(&world, &json!({"url": receiver.url})).await;
    }
    let mut closed = Vec::new();
    for _ in 0..12 {
        closed.push(close_one(&world).await);
    }
    let workers = (0..6).map(|_| server::jobs::run_due(&world.app));
    for outcome in futures_util::future::join_all(workers).await {
        outcome.unwrap();
    }
    world.run_jobs().await;
    closed.sort();
    for receiver in &receivers {
        let mut told = orders(&receiver.take());
        told.sort();
        assert_eq!(told, closed);
    }
}

async fn a_deleted_endpoint_is_forgotten(world: World) {
    let receiver = Receiver::start().await;
    let (id, _) = endpoint(&world, &json!({"url": receiver.url})).await;
    receiver.otherwise(500);
    close_one(&world).await;
    world.run_jobs().await;
    let path = world.url(&format!("/v1/webhook_endpoints/{id}"));
    let key = format!("Bearer {API_KEY}");
    let headers = [("authorization", key.as_str())];
    let answer = world.http.send("DELETE", &path, &headers, None).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    world.advance(3600).await;
    assert_eq!(receiver.count(), 1);
    let answer = world.http.send("DELETE", &path, &headers, None).await;
    assert_eq!(
        answer.refusal(),
        (404, "WEBHOOK_ENDPOINT_NOT_FOUND".to_owned())
    );
}

async fn what_is_not_lawful_is_refused(world: World) {
    let receiver = Receiver::start().await;
    let refused = async |path: &str, body: Value| {
        let path = format!("/v1/webhook_endpoints{path}");
        world.post(API_KEY, &path, None, &body).await.refusal().1
    };
    for body in [
        json!({}),
        json!({"url": "nowhere"}),
        json!({"url": "ftp://shop.example/"}),
        json!({"url": receiver.url, "types": ["order.eaten"]}),
        json!({"url": receiver.url, "secret": "mine"}),
        json!({"url": receiver.url, "signing": "v2"}),
    ] {
        assert_eq!(refused("", body).await, "INVALID_REQUEST");
    }
    let (id, _) = endpoint(&world, &json!({"url": receiver.url})).await;
    let replay = format!("/{id}/replay");
    for body in [
        json!({}),
        json!({"event_id": "a", "since": "2026-01-01T00:00:00Z"}),
        json!({"since": "yesterday"}),
    ] {
        assert_eq!(refused(&replay, body).await, "INVALID_REQUEST");
    }
    assert_eq!(
        refused(&replay, json!({"event_id": "a"})).await,
        "EVENT_NOT_FOUND"
    );
    let overlap = json!({"overlap_s": 99_999_999});
    assert_eq!(
        refused(&format!("/{id}/rotate"), overlap).await,
        "INVALID_REQUEST"
    );
    for id in ["we_1", "%00", "a%20b"] {
        let code = refused(&format!("/{id}/enable"), json!({})).await;
        assert_eq!(code, "WEBHOOK_ENDPOINT_NOT_FOUND", "{id}");
    }
    for _ in 1..16 {
        endpoint(&world, &json!({"url": receiver.url})).await;
    }
    assert_eq!(
        refused("", json!({"url": receiver.url})).await,
        "INVALID_REQUEST"
    );
}
