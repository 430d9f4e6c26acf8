//! What a merchant's system does to pay back, and what the platform does about it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    http::Answer,
    world::{API_KEY, World},
};

/// A latte that was paid: the buyer's token and the order number.
pub(crate) async fn paid(world: &World) -> (String, String) {
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    world.wait_for(&token, &order_no, "paid").await;
    (token, order_no)
}

pub(crate) async fn refund(world: &World, order_no: &str, key: &str, fen: i64) -> Answer {
    let path = format!("/v1/orders/{order_no}/refunds");
    let body = json!({"amount_fen": fen, "reason": "商品已售完"});
    world.post(API_KEY, &path, Some(key), &body).await
}

/// A refund that is taken: what was answered.
pub(crate) async fn taken(world: &World, order_no: &str, fen: i64) -> Value {
    let answer = refund(world, order_no, &world.key(), fen).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()["refund"].clone()
}

pub(crate) fn number(refund: &Value) -> &str {
    refund["refund_no"].as_str().expect("a number")
}

pub(crate) async fn read(world: &World, refund_no: &str) -> Value {
    let answer = world
        .get(API_KEY, &format!("/v1/refunds/{refund_no}"))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["refund"].clone()
}

pub(crate) async fn of_order(world: &World, order_no: &str) -> Vec<Value> {
    let path = format!("/v1/orders/{order_no}/refunds");
    let answer = world.get(API_KEY, &path).await.json();
    answer["data"].as_array().expect("a list").clone()
}

/// Waits until the refund is in `state`.
pub(crate) async fn wait_for(world: &World, refund_no: &str, state: &str) -> Value {
    let reached = async {
        loop {
            let refund = read(world, refund_no).await;
            if refund["state"] == state {
                return refund;
            }
            tokio::task::yield_now().await;
        }
    };
    match tokio::time::timeout(Duration::from_secs(20), reached).await {
        Ok(refund) => refund,
        Err(_) => panic!("{} did not become {state}", read(world, refund_no).await),
    }
}

/// The refunds that the platform holds.
pub(crate) async fn at_platform(world: &World) -> Vec<Value> {
    let url = format!("{}/control/refunds", world.control);
    let answer = world.http.get(&url, &[]).await.json();
    answer["data"].as_array().expect("a list").clone()
}

/// How often the platform was asked to refund.
pub(crate) async fn requests(world: &World) -> usize {
    let url = format!("{}/control/requests", world.control);
    let answer = world.http.get(&url, &[]).await.json();
    let all = answer["data"].as_array().expect("a list").clone();
    all.iter()
        .filter(|it| it["method"] == "POST" && it["target"] == "/v3/refund/domestic/refunds")
        .count()
}

pub(crate) async fn put_control(world: &World, path: &str, body: Value) {
    let url = format!("{}/control/{path}", world.control);
    let json_type = [("content-type", "application/json")];
    let body = Some(body.to_string().into_bytes());
    let answer = world.http.send("PUT", &url, &json_type, body).await;
    assert!(answer.status < 300, "{path}: {answer:?}");
}

/// Settings of the platform; the clock of its wire stays the test's.
pub(crate) async fn settings(world: &World, mut settings: Value) {
    settings["wire_clock"] = json!("virtual");
    put_control(world, "settings", settings).await;
}
