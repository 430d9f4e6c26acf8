//! Nothing is lost when notifications are.

use serde_json::json;

use crate::world::{self, World, one_latte};

/// Without any notification the first poll, five seconds after the order, finds the payment.
async fn n01_a_payment_whose_notification_is_lost_is_found_by_polling(world: World) {
    world.lose_notifications().await;
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    world.run_jobs().await;
    assert_eq!(
        world.state(&token, &order_no).await,
        "awaiting_payment",
        "not due yet"
    );
    world.advance(6).await;
    assert_eq!(world.state(&token, &order_no).await, "paid");
    assert_eq!(
        world.history(&order_no).await,
        ["created", "awaiting_payment", "paid"]
    );
}

/// A payment that comes after the first polls is found by the next one.
async fn n01_a_late_payment_is_found_by_a_later_poll(world: World) {
    world.lose_notifications().await;
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    for seconds in [6, 25, 30, 120] {
        world.advance(seconds).await;
    }
    assert_eq!(world.state(&token, &order_no).await, "awaiting_payment");
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    world.advance(121).await;
    assert_eq!(world.state(&token, &order_no).await, "paid");
}

/// Polls that nobody ran for an hour are made up for, by two processes at once, with one effect.
#[tokio::test(flavor = "multi_thread")]
async fn n01_jobs_that_did_not_run_for_an_hour_catch_up() {
    let world = World::with(|config| config.orders.expires_in_s = 7200).await;
    world.lose_notifications().await;
    let token = world.log_in("demo").await;
    let mut orders = Vec::new();
    for _ in 0..5 {
        let (order_no, payment) = world.latte(&token).await;
        assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
        orders.push(order_no);
    }
    world.advance_clocks(3600).await;
    // Twice at once, as two processes would.
    tokio::join!(world.run_jobs(), world.run_jobs());
    for order_no in orders {
        assert_eq!(world.state(&token, &order_no).await, "paid");
        assert_eq!(
            world.history(&order_no).await,
            ["created", "awaiting_payment", "paid"]
        );
    }
}

/// An order whose prepay has no answer is asked about like any other, and closed at its end.
async fn p01_a_prepay_that_timed_out_is_watched_and_found_unpaid(world: World) {
    let token = world.log_in("demo").await;
    world
        .faults(
            json!([{"on": "prepay", "kind": "timeout", "after_effect": true, "delay_ms": 3000}]),
        )
        .await;
    let answer = world.order(&token, "same", &one_latte()).await;
    assert_eq!(answer.refusal(), (503, "GATEWAY_UNAVAILABLE".into()));
    world.no_faults().await;
    let page = world.get(&token, "/v1/mp/orders").await.json();
    let order_no = page["data"][0]["order_no"]
        .as_str()
        .expect("a number")
        .to_owned();
    world.advance(6).await;
    assert_eq!(
        world.state(&token, &order_no).await,
        "created",
        "watched, not failed"
    );
    world.advance(31 * 60).await;
    world.run_jobs().await;
    assert_eq!(
        world.state(&token, &order_no).await,
        "closed",
        "and closed at its end"
    );
}

async fn one_orders_trouble_is_not_anothers(world: World) {
    let token = world.log_in("demo").await;
    let (bad, first) = world.latte(&token).await;
    let (good, second) = world.latte(&token).await;
    world
        .faults(json!([
            {"on": "notification", "kind": "lose"},
            {"on": "query", "kind": "html", "out_trade_no": bad}
        ]))
        .await;
    assert_eq!(world.pay("demo", &first).await, "requestPayment:ok");
    assert_eq!(world.pay("demo", &second).await, "requestPayment:ok");
    world.advance(6).await;
    assert_eq!(world.state(&token, &good).await, "paid");
    assert_eq!(world.state(&token, &bad).await, "awaiting_payment");
    world.lose_notifications().await;
    world.advance(30).await;
    assert_eq!(world.state(&token, &bad).await, "paid");
}

world::on_both_engines! {
    n01_a_payment_whose_notification_is_lost_is_found_by_polling,
    n01_a_late_payment_is_found_by_a_later_poll,
    p01_a_prepay_that_timed_out_is_watched_and_found_unpaid,
    one_orders_trouble_is_not_anothers,
}
