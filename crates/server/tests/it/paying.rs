//! The phone says this or that, calls are repeated, prices change: what counts is WeChat's answer
//! and what was recorded first.

use fen::Fen;
use serde_json::{Value, json};
use store::{Tx, goods};

use crate::world::{self, World, one_latte};

/// The calls of the platform's API that end with this, oldest first.
async fn asked(world: &World, method: &str, path: &str) -> Vec<Value> {
    let url = format!("{}/control/requests", world.control);
    let all = world.http.get(&url, &[]).await.json();
    let all = all["data"].as_array().expect("a list").clone();
    let wanted = |it: &Value| {
        let target = it["target"].as_str().unwrap_or_default();
        it["method"] == method && target.split('?').next() == Some(path)
    };
    all.into_iter().filter(wanted).collect()
}

async fn refresh(world: &World, token: &str, order_no: &str) -> String {
    let path = format!("/v1/mp/orders/{order_no}/refresh");
    let answer = world.post(token, &path, None, &json!({})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["order"]["state"]
        .as_str()
        .expect("a state")
        .to_owned()
}

/// Unpaid, an order is asked about at each mark of the schedule, and closed at its end.
#[tokio::test(flavor = "multi_thread")]
async fn n01_an_unpaid_order_is_asked_about_on_schedule_and_then_closed() {
    let world = World::new().await;
    world.lose_notifications().await;
    let token = world.log_in("demo").await;
    let (order_no, _) = world.latte(&token).await;
    let placed = world.now();
    let query = format!("/v3/pay/transactions/out-trade-no/{order_no}");
    for (number, mark) in (1..).zip([5, 30, 60, 180, 300, 600]) {
        // Marks are far apart: a slow machine may come late to one, not to the next.
        let passed = world.now().since(placed).as_secs();
        world.advance((mark + 2_u64).saturating_sub(passed)).await;
        assert_eq!(asked(&world, "GET", &query).await.len(), number, "{mark} s");
    }
    let passed = world.now().since(placed).as_secs();
    world.advance(1801_u64.saturating_sub(passed)).await;
    world.run_jobs().await;
    assert_eq!(world.state(&token, &order_no).await, "closed");
    let closed = asked(&world, "POST", &format!("{query}/close")).await;
    assert_eq!(closed.len(), 1);
}

/// However often a prepay is repeated, WeChat gets the same bytes: same number, same parameters.
async fn p01_a_repeated_prepay_is_the_same_to_the_byte(world: World) {
    let token = world.log_in("demo").await;
    for after_effect in [false, true] {
        let fault = json!({"on": "prepay", "kind": "status", "status": 500,
            "code": "SYSTEM_ERROR", "after_effect": after_effect, "times": 1});
        world.faults(json!([fault])).await;
        let answer = world.order(&token, "same", &one_latte()).await;
        assert_eq!(answer.refusal(), (503, "GATEWAY_UNAVAILABLE".into()));
        world.advance_clocks(61).await;
    }
    assert_eq!(world.order(&token, "same", &one_latte()).await.status, 201);
    let prepays = asked(&world, "POST", "/v3/pay/transactions/jsapi").await;
    let bodies: Vec<_> = prepays.iter().map(|it| it["body"].as_str()).collect();
    assert_eq!(bodies.len(), 3);
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
}

/// The phone heard "ok" and nobody else did: the refreshed page shows the payment all the same, and
/// the notification that comes later changes nothing.
async fn p04_a_page_that_asks_sees_the_payment_before_its_notification(world: World) {
    world.lose_notifications().await;
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    assert_eq!(refresh(&world, &token, &order_no).await, "paid");
    let asked_once = refresh(&world, &token, &order_no).await;
    assert_eq!(asked_once, "paid", "and asks no more");
    let query = format!("/v3/pay/transactions/out-trade-no/{order_no}");
    assert_eq!(asked(&world, "GET", &query).await.len(), 1);
    world.no_faults().await;
    let url = format!("{}/control/notifications", world.control);
    let notice = world.http.get(&url, &[]).await.json()["data"][0]["id"].clone();
    let path = format!("notifications/{}/resend", notice.as_str().expect("an id"));
    assert_eq!(world.control(&path, &json!({})).await["state"], "delivered");
    assert_eq!(world.history(&order_no).await.len(), 3);
    assert_eq!(world.events().await, ["order.paid"]);
}

/// Two devices with the same order on them: the second `requestPayment` takes no money.
async fn p05_the_same_payment_on_two_devices_is_paid_once(world: World) {
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    let path = format!("/v1/mp/orders/{order_no}/payment");
    let again = world.post(&token, &path, None, &json!({})).await.json();
    assert_eq!(again["order"]["order_no"], order_no.as_str());
    assert_eq!(again["payment"]["package"], payment["package"]);
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    let second = world.pay("demo", &again["payment"]).await;
    assert_ne!(second, "requestPayment:ok");
    world.wait_for(&token, &order_no, "paid").await;
    assert_eq!(world.events().await, ["order.paid"]);
    assert!(world.exceptions().await.is_empty());
}

/// Payments and closes at the same moment: whatever WeChat ends with, we end with.
async fn p06_a_race_of_payments_and_closes_ends_as_wechat_has_it(world: World) {
    world.lose_notifications().await;
    let token = world.log_in("demo").await;
    let mut placed = Vec::new();
    for _ in 0..8 {
        placed.push(world.latte(&token).await);
    }
    let races = placed.iter().map(|(order_no, payment)| {
        let close = format!("/v1/mp/orders/{order_no}/close");
        let (world, token) = (&world, &token);
        async move {
            let body = json!({});
            tokio::join!(
                world.pay("demo", payment),
                world.post(token, &close, None, &body)
            )
        }
    });
    futures_util::future::join_all(races).await;
    world.advance(40).await;
    let url = format!("{}/control/orders", world.control);
    let held = world.http.get(&url, &[]).await.json();
    for at_wechat in held["data"].as_array().expect("a list") {
        let order_no = at_wechat["out_trade_no"].as_str().expect("a number");
        let expected = match at_wechat["trade_state"].as_str() {
            Some("SUCCESS") => "paid",
            Some("CLOSED") => "closed",
            other => panic!("neither paid nor closed: {other:?}"),
        };
        assert_eq!(world.state(&token, order_no).await, expected);
    }
    assert!(world.exceptions().await.is_empty());
}

/// A close without an answer, before or after its effect, is asked about until it is certain.
async fn p07_a_close_of_unknown_outcome_is_pursued_until_it_is_certain(world: World) {
    let token = world.log_in("demo").await;
    for after_effect in [true, false] {
        let (order_no, _) = world.latte(&token).await;
        let fault = json!({"on": "close", "kind": "timeout", "after_effect": after_effect,
            "delay_ms": 3000});
        world.faults(json!([fault])).await;
        let close = format!("/v1/mp/orders/{order_no}/close");
        let answer = world.post(&token, &close, None, &json!({})).await;
        assert_eq!(answer.refusal(), (503, "GATEWAY_UNAVAILABLE".into()));
        let state = world.state(&token, &order_no).await;
        assert_eq!(state, "awaiting_payment", "nothing is certain yet");
        world.no_faults().await;
        world.advance(10).await;
        assert_eq!(world.state(&token, &order_no).await, "closed");
        let history = world.history(&order_no).await;
        assert_eq!(history, ["created", "awaiting_payment", "closed"]);
    }
}

/// WeChat does not confirm the close of an expired order: it stays open here until it does.
#[tokio::test(flavor = "multi_thread")]
async fn p08_an_expired_order_stays_open_until_wechat_confirms_the_close() {
    let world = World::with(|config| config.orders.expires_in_s = 120).await;
    let token = world.log_in("demo").await;
    let (order_no, _) = world.latte(&token).await;
    let fault = json!({"on": "close", "kind": "status", "status": 500, "code": "SYSTEM_ERROR"});
    world.faults(json!([fault])).await;
    world.advance(121).await;
    world.run_jobs().await;
    assert_eq!(world.state(&token, &order_no).await, "awaiting_payment");
    world.no_faults().await;
    world.advance(60).await;
    assert_eq!(world.state(&token, &order_no).await, "closed");
}

/// The price changed between two prepays of one number: the order keeps what it began with.
async fn p10_a_price_that_changed_meanwhile_changes_no_order_that_exists(world: World) {
    let token = world.log_in("demo").await;
    let fault = json!({"on": "prepay", "kind": "status", "status": 500, "code": "SYSTEM_ERROR",
        "after_effect": true, "times": 1});
    world.faults(json!([fault])).await;
    assert_eq!(world.order(&token, "same", &one_latte()).await.status, 503);
    let mut tx = Tx::new("test_price");
    let dearer = goods::Goods {
        mch_id: world.mch_id(),
        goods_id: domain::GoodsId::new("latte").expect("lawful"),
        title: "拿铁 Latte".to_owned(),
        price: Fen::new(2590).expect("lawful"),
        image: None,
        stock: None,
    };
    goods::put(&mut tx, &dearer, world.now());
    world.app.commit(tx).await.expect("goods");
    let answer = world.order(&token, "same", &one_latte()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.json()["order"]["amount_fen"], 1790);
    let fresh = world.order(&token, "fresh", &one_latte()).await.json();
    assert_eq!(fresh["order"]["amount_fen"], 2590);
}

world::on_both_engines! {
    p01_a_repeated_prepay_is_the_same_to_the_byte,
    p04_a_page_that_asks_sees_the_payment_before_its_notification,
    p05_the_same_payment_on_two_devices_is_paid_once,
    p06_a_race_of_payments_and_closes_ends_as_wechat_has_it,
    p07_a_close_of_unknown_outcome_is_pursued_until_it_is_certain,
    p10_a_price_that_changed_meanwhile_changes_no_order_that_exists,
}
