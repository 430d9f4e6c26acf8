//! WeChat says that it is called too often.

use serde_json::{Value, json};

use crate::{
    http::Answer,
    world::{World, one_latte},
};

fn limited(on: &str) -> Value {
    json!({"on": on, "kind": "status", "status": 429, "code": "FREQUENCY_LIMITED",
        "message": "频率超限"})
}

/// How often the platform was called at a path that ends so.
async fn calls(world: &World, method: &str, part: &str) -> usize {
    let url = format!("{}/control/requests", world.control);
    let answer = world.http.get(&url, &[]).await.json();
    let all = answer["data"].as_array().expect("a list").clone();
    let is_one = |it: &&Value| {
        let target = it["target"].as_str().unwrap_or_default();
        it["method"] == method && target.contains(part)
    };
    all.iter().filter(is_one).count()
}

async fn order(world: &World, token: &str, key: &str) -> Answer {
    world.order(token, key, &one_latte()).await
}

/// After the first 429 a buyer waits a little and is served; after several in a row buyers are
/// asked to come again without WeChat being called, and the same key then brings the same order.
#[tokio::test(flavor = "multi_thread")]
async fn p09_after_429_wechat_is_left_alone_for_a_while() {
    let world = World::new().await;
    let token = world.log_in("demo").await;
    world.faults(json!([limited("prepay")])).await;
    for _ in 0..3 {
        let answer = order(&world, &token, "same").await;
        assert_eq!(answer.refusal(), (503, "GATEWAY_UNAVAILABLE".into()));
        world.advance_clocks(10).await;
    }
    let answer = order(&world, &token, "same").await;
    assert_eq!(answer.refusal(), (503, "GATEWAY_UNAVAILABLE".into()));
    world.no_faults().await;
    let before = calls(&world, "POST", "/v3/pay/transactions/jsapi").await;
    let answer = order(&world, &token, "same").await;
    assert_eq!(answer.refusal(), (503, "OVERLOADED".into()));
    assert_eq!(answer.json()["retryable"], true);
    let wait: u64 = answer.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    let after = calls(&world, "POST", "/v3/pay/transactions/jsapi").await;
    assert_eq!(before, after, "nothing was sent");

    world.advance_clocks(wait).await;
    let answer = order(&world, &token, "same").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let page = world.get(&token, "/v1/mp/orders").await.json();
    assert_eq!(page["data"].as_array().map(Vec::len), Some(1), "one order");
}

/// A poll that meets a 429 comes again, and finds the payment.
#[tokio::test(flavor = "multi_thread")]
async fn p09_a_poll_that_meets_a_429_comes_again() {
    let world = World::new().await;
    world.lose_notifications().await;
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    let lost = json!({"on": "notification", "kind": "lose"});
    world.faults(json!([lost, limited("query")])).await;
    world.advance(6).await;
    assert_eq!(world.state(&token, &order_no).await, "awaiting_payment");
    world.faults(json!([lost])).await;
    world.advance(120).await;
    assert_eq!(world.state(&token, &order_no).await, "paid");
}
