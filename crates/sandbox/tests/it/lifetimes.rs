//! What time does to orders, on virtual time.

use serde_json::{Value, json};

use crate::world::{JSAPI, World};

const DAY: i64 = 86_400;

async fn reason(world: &World, prepay_id: &str) -> String {
    let fail = world.cashier(&world.payment(prepay_id)).await;
    fail["reason_en"].as_str().unwrap_or("opens").to_owned()
}

async fn now(world: &World) -> jiff::Timestamp {
    let clock = world.control("GET", "/clock", json!({})).await;
    clock["now"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_prepay_id_lives_two_hours_and_a_repeat_gives_a_new_one() {
    let world = World::start().await;
    let first = world.prepay("L000001").await;
    world.advance(7199).await;
    assert_eq!(reason(&world, &first).await, "opens");
    world.advance(1).await;
    assert!(reason(&world, &first).await.contains("has expired (2 h)"));
    let second = world.prepay("L000001").await;
    assert_ne!(first, second);
    assert_eq!(world.pay(&second).await["errMsg"], "requestPayment:ok");
}

#[tokio::test]
async fn an_unpaid_order_closes_itself_after_seven_days() {
    let world = World::start().await;
    world.prepay("L000002").await;
    world.advance(7 * DAY - 1).await;
    assert_eq!(world.query("L000002").await.json()["trade_state"], "NOTPAY");
    world.advance(1).await;
    let query = world.query("L000002").await.json();
    assert_eq!(query["trade_state"], "CLOSED");
    assert_eq!(query["trade_state_desc"], "订单已关闭");
    assert_eq!(world.close("L000002").await.status, 204);
    let order = world.order("L000002").await;
    assert_eq!(
        world.merchant.post(JSAPI, &order).await.refusal().1,
        "ORDER_CLOSED"
    );
}

async fn ordered(world: &World, number: &str, time_expire: &str) -> (Value, String) {
    let mut order = world.order(number).await;
    order["time_expire"] = json!(time_expire);
    let answer = world.merchant.post(JSAPI, &order).await;
    let id = answer.json()["prepay_id"].as_str().unwrap().to_owned();
    (order, id)
}

#[tokio::test]
async fn time_expire_ends_paying_but_does_not_close() {
    let world = World::start().await;
    let expire = now(&world)
        .await
        .checked_add(jiff::SignedDuration::from_secs(600))
        .unwrap();
    let (_, id) = ordered(&world, "L000003", &expire.to_string()).await;
    world.advance(599).await;
    assert_eq!(reason(&world, &id).await, "opens");
    let cashier = world.cashier(&world.payment(&id)).await;
    world.advance(1).await;
    assert_eq!(reason(&world, &id).await, "time_expire has passed");
    let path = format!("/cashier/{}/pay", cashier["cashier_id"].as_str().unwrap());
    let late = world.control("POST", &path, json!({})).await;
    assert_eq!(late["errMsg"], "requestPayment:fail 该订单已失效");
    assert_eq!(world.query("L000003").await.json()["trade_state"], "NOTPAY");
}

#[tokio::test]
async fn a_time_expire_in_the_past_is_raised_to_a_minute() {
    let world = World::start().await;
    let (_, id) = ordered(&world, "L000004", "2020-01-01T00:00:00+08:00").await;
    world.advance(59).await;
    assert_eq!(reason(&world, &id).await, "opens");
    world.advance(1).await;
    assert_eq!(reason(&world, &id).await, "time_expire has passed");
}

#[tokio::test]
async fn a_far_time_expire_is_brought_back_and_the_order_still_closes_after_seven_days() {
    let world = World::start().await;
    let (order, _) = ordered(&world, "L000005", "2099-01-01T00:00:00+08:00").await;
    world.advance(7 * DAY - 60).await;
    let again = world.merchant.post(JSAPI, &order).await;
    let id = again.json()["prepay_id"].as_str().unwrap().to_owned();
    assert_eq!(reason(&world, &id).await, "opens");
    world.advance(60).await;
    assert_eq!(reason(&world, &id).await, "the order is closed");
}

#[tokio::test]
async fn a_client_on_the_machines_clock_goes_on_working_after_an_advance() {
    let world = World::start().await;
    world.advance(30 * DAY).await;
    let query = world.query("UNKNOWN1").await;
    assert_eq!(
        query.status, 404,
        "not 401: signatures are judged by the machine's clock"
    );
    world.settings(json!({ "wire_clock": "virtual" })).await;
    assert_eq!(world.query("UNKNOWN1").await.status, 401);
}

#[tokio::test]
async fn time_does_not_go_back_but_a_reset_does() {
    let world = World::start().await;
    let answer = world
        .try_control("POST", "/clock/advance", json!({ "seconds": -1 }))
        .await;
    assert_eq!(answer.status, 400);
    let before = now(&world).await;
    world.prepay("L000006").await;
    world.advance(DAY).await;
    world.control("POST", "/reset", json!({})).await;
    assert!(now(&world).await.duration_since(before).as_secs() < 60);
    assert_eq!(world.query("L000006").await.status, 404);
    world.prepay("L000006").await;
}
