//! Closing is an intent until WeChat confirms it.

use serde_json::json;

use crate::world::{self, World, one_latte};

/// An unpaid order is closed at WeChat when its time is over, and only then here.
#[tokio::test(flavor = "multi_thread")]
async fn p08_an_unpaid_order_is_closed_when_its_time_is_over() {
    let world = World::with(|config| config.orders.expires_in_s = 120).await;
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    // The clocks also run by themselves, and a busy machine takes its seconds.
    world.advance(90).await;
    assert_eq!(world.state(&token, &order_no).await, "awaiting_payment");
    world.advance(31).await;
    assert_eq!(world.state(&token, &order_no).await, "closed");
    assert_ne!(
        world.pay("demo", &payment).await,
        "requestPayment:ok",
        "WeChat closed it too"
    );
    let order = world
        .get(&token, &format!("/v1/mp/orders/{order_no}"))
        .await
        .json();
    assert!(order["order"]["closed_at"].is_string());
}

/// A payment in the last second wins over the close at the expiry.
#[tokio::test(flavor = "multi_thread")]
async fn p06_a_payment_in_the_last_second_wins_over_the_expiry() {
    let world = World::with(|config| config.orders.expires_in_s = 120).await;
    world.lose_notifications().await;
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    world.advance_clocks(118).await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    world.advance(5).await;
    assert_eq!(world.state(&token, &order_no).await, "paid");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_order_is_not_payable_even_before_it_is_closed() {
    let world = World::with(|config| config.orders.expires_in_s = 120).await;
    let token = world.log_in("demo").await;
    let (order_no, _) = world.latte(&token).await;
    world.advance_clocks(121).await;
    let answer = world
        .post(
            &token,
            &format!("/v1/mp/orders/{order_no}/payment"),
            None,
            &json!({}),
        )
        .await;
    assert_eq!(answer.refusal(), (409, "ORDER_NOT_PAYABLE".into()));
}

async fn a_buyer_closes_their_order_and_closing_again_is_fine(world: World) {
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    let close = format!("/v1/mp/orders/{order_no}/close");
    for _ in 0..2 {
        let answer = world.post(&token, &close, None, &json!({})).await;
        assert_eq!(
            (answer.status, &answer.json()["order"]["state"]),
            (200, &json!("closed"))
        );
    }
    assert_ne!(world.pay("demo", &payment).await, "requestPayment:ok");
    assert_eq!(
        world.history(&order_no).await,
        ["created", "awaiting_payment", "closed"]
    );
    let answer = world
        .post(
            &token,
            &format!("/v1/mp/orders/{order_no}/payment"),
            None,
            &json!({}),
        )
        .await;
    assert_eq!(answer.refusal(), (409, "ORDER_NOT_PAYABLE".into()));
}

/// A close that finds a payment answers with the paid order.
async fn p06_closing_an_order_that_was_just_paid_shows_the_paid_order(world: World) {
    world.lose_notifications().await;
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    let close = format!("/v1/mp/orders/{order_no}/close");
    let answer = world.post(&token, &close, None, &json!({})).await;
    assert_eq!(
        (answer.status, &answer.json()["order"]["state"]),
        (200, &json!("paid"))
    );
}

async fn an_order_on_its_way_to_wechat_is_not_closed_yet(world: World) {
    let token = world.log_in("demo").await;
    let fault = json!({"on": "prepay", "kind": "status", "status": 500, "code": "SYSTEM_ERROR"});
    world.faults(json!([fault])).await;
    assert_eq!(world.order(&token, "same", &one_latte()).await.status, 503);
    world.no_faults().await;
    let page = world.get(&token, "/v1/mp/orders").await.json();
    let order_no = page["data"][0]["order_no"]
        .as_str()
        .expect("a number")
        .to_owned();
    let close = format!("/v1/mp/orders/{order_no}/close");
    let answer = world.post(&token, &close, None, &json!({})).await;
    assert_eq!(answer.refusal(), (409, "ORDER_BUSY".into()));

    world.advance_clocks(60).await;
    let answer = world.post(&token, &close, None, &json!({})).await;
    assert_eq!(
        (answer.status, &answer.json()["order"]["state"]),
        (200, &json!("closed"))
    );
    let late = world.order(&token, "same", &one_latte()).await;
    assert_eq!(late.refusal(), (409, "ORDER_NOT_PAYABLE".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_wechat_closed_by_itself_is_read_as_closed() {
    let world = World::with(|config| config.orders.expires_in_s = 604_800).await;
    let token = world.log_in("demo").await;
    let (order_no, _) = world.latte(&token).await;
    world.advance_clocks(7 * 86_400 + 60).await;
    let token = world.log_in("demo").await;
    world.run_jobs().await;
    assert_eq!(world.state(&token, &order_no).await, "closed");
}

world::on_both_engines! {
    a_buyer_closes_their_order_and_closing_again_is_fine,
    p06_closing_an_order_that_was_just_paid_shows_the_paid_order,
    an_order_on_its_way_to_wechat_is_not_closed_yet,
}
