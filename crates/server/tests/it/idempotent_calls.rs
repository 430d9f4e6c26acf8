//! Every call that changes something may carry a key; with one, it is done once and answered alike.

use std::time::Duration;

use serde_json::{Value, json};
use store::{Tx, idempotency};

use crate::{
    http::Answer,
    receiver::Receiver,
    refunding::{number, paid, settings, taken, wait_for},
    world::{API_KEY, World, on_both_engines},
};

on_both_engines!(
    every_call_answers_a_repeat_as_it_answered_first,
    a_key_that_comes_with_another_body_or_path_is_refused,
    one_key_makes_one_endpoint_and_one_new_secret,
    a_secret_that_was_shown_is_kept_only_where_it_signs,
    an_abnormal_refund_is_sent_another_way_once,
    a_refusal_leaves_the_key_free,
    sixteen_at_once_make_one_endpoint,
    a_key_whose_holder_died_is_free_within_seconds,
    k05_a_key_that_was_leased_before_the_clock_was_set_back_is_free,
    keys_are_forgotten_a_day_after_they_were_used,
    p10_another_amount_under_the_same_key_is_refused_and_never_reaches_wechat,
);

fn is_repeat(answer: &Answer) -> bool {
    answer.headers.contains_key("idempotent-replayed")
}

/// Sends the same twice and expects the same answer, bytes and status, the second time as a repeat.
async fn twice(world: &World, token: &str, path: &str, body: &Value) -> Value {
    let key = world.key();
    let first = world.post(token, path, Some(&key), body).await;
    assert!(first.status < 300, "{path}: {first:?}");
    assert!(!is_repeat(&first), "{path}");
    world.advance_clocks(30).await;
    let again = world.post(token, path, Some(&key), body).await;
    assert_eq!(
        (again.status, &again.text),
        (first.status, &first.text),
        "{path}"
    );
    assert!(is_repeat(&again), "{path}");
    first.json()
}

async fn every_call_answers_a_repeat_as_it_answered_first(world: World) {
    let token = world.log_in("demo").await;
    let (order_no, _) = world.latte(&token).await;
    let none = json!({});
    for (caller, path) in [
        (token.as_str(), format!("/v1/mp/orders/{order_no}/payment")),
        (&token, format!("/v1/mp/orders/{order_no}/refresh")),
        (API_KEY, format!("/v1/orders/{order_no}/refresh")),
        (API_KEY, format!("/v1/orders/{order_no}/close")),
        (&token, format!("/v1/mp/orders/{order_no}/close")),
    ] {
        twice(&world, caller, &path, &none).await;
    }
    let receiver = Receiver::start().await;
    let made = twice(
        &world,
        API_KEY,
        "/v1/webhook_endpoints",
        &json!({"url": receiver.url}),
    )
    .await;
    let id = made["endpoint"]["id"].as_str().unwrap();
    let at = |what: &str| format!("/v1/webhook_endpoints/{id}/{what}");
    twice(&world, API_KEY, &at("rotate"), &json!({"overlap_s": 60})).await;
    twice(&world, API_KEY, &at("enable"), &none).await;
    let since = json!({"since": "2026-01-01T00:00:00+08:00"});
    let replayed = twice(&world, API_KEY, &at("replay"), &since).await;
    assert_eq!(replayed["queued"], 1, "the close");
}

async fn a_key_that_comes_with_another_body_or_path_is_refused(world: World) {
    let token = world.log_in("demo").await;
    let (one, _) = world.latte(&token).await;
    let (other, _) = world.latte(&token).await;
    let reused = (422, "IDEMPOTENCY_KEY_REUSED".to_owned());
    let path = |order_no: &str, what: &str| format!("/v1/orders/{order_no}/{what}");
    let none = json!({});
    let post = async |path: String, body: &Value| world.post(API_KEY, &path, Some("k"), body).await;
    assert_eq!(post(path(&one, "refresh"), &none).await.status, 200);
    assert_eq!(post(path(&other, "refresh"), &none).await.refusal(), reused);
    assert_eq!(post(path(&one, "close"), &none).await.refusal(), reused);
    let order = json!({"app_id": world.text("appid"), "openid": "o-somebody", "amount_fen": 1,
        "description": "tea"});
    assert_eq!(post("/v1/orders".into(), &order).await.refusal(), reused);
    // Another caller's key is another key.
    let own = format!("/v1/mp/orders/{other}/close");
    assert_eq!(world.post(&token, &own, Some("k"), &none).await.status, 200);

    let url = |host: &str| json!({"url": format!("http://{host}/")});
    let hooks = || "/v1/webhook_endpoints".to_owned();
    let create = async |key, body: &Value| world.post(API_KEY, &hooks(), Some(key), body).await;
    assert_eq!(create("hook", &url("127.0.0.1:1")).await.status, 201);
    assert_eq!(create("hook", &url("127.0.0.1:2")).await.refusal(), reused);
    let malformed = world
        .post(API_KEY, &hooks(), Some("with space"), &url("127.0.0.1:1"))
        .await;
    assert_eq!(malformed.refusal(), (400, "IDEMPOTENCY_KEY_MISSING".into()));
    assert_eq!(
        world
            .post(API_KEY, &hooks(), None, &url("127.0.0.1:1"))
            .await
            .status,
        201
    );
}

async fn one_key_makes_one_endpoint_and_one_new_secret(world: World) {
    let receiver = Receiver::start().await;
    let made = twice(
        &world,
        API_KEY,
        "/v1/webhook_endpoints",
        &json!({"url": receiver.url}),
    )
    .await;
    let all = world.get(API_KEY, "/v1/webhook_endpoints").await.json();
    assert_eq!(all["data"].as_array().unwrap().len(), 1);
    let id = made["endpoint"]["id"].as_str().unwrap();
    let path = format!("/v1/webhook_endpoints/{id}/rotate");
    let rotated = twice(&world, API_KEY, &path, &json!({"overlap_s": 0})).await;
    assert_ne!(rotated["secret"], made["secret"]);
    crate::webhooks::close_one(&world).await;
    world.run_jobs().await;
    let told = receiver.take();
    assert!(told[0].is_signed_by(rotated["secret"].as_str().unwrap()));
}

fn api_key(world: &World, name: &str) -> idempotency::Key {
    idempotency::Key {
        mch_id: world.mch_id(),
        scope: "api".into(),
        key: name.into(),
    }
}

async fn a_secret_that_was_shown_is_kept_only_where_it_signs(world: World) {
    let url = json!({"url": "http://127.0.0.1:1/"});
    let hooks = "/v1/webhook_endpoints";
    let first = world.post(API_KEY, hooks, Some("k"), &url).await.json();
    let secret = first["secret"].as_str().unwrap();
    let key = api_key(&world, "k");
    let kept = idempotency::get(&world.app.store, &key)
        .await
        .unwrap()
        .unwrap();
    let kept = kept.answer.unwrap();
    assert!(
        kept.contains(first["endpoint"]["id"].as_str().unwrap()),
        "{kept}"
    );
    assert!(
        !kept.contains("whsec_") && !kept.contains(&secret[6..]),
        "{kept}"
    );

    let id = first["endpoint"]["id"].as_str().unwrap();
    let rotate = json!({"overlap_s": 0});
    world
        .post(API_KEY, &format!("{hooks}/{id}/rotate"), None, &rotate)
        .await;
    let again = world.post(API_KEY, hooks, Some("k"), &url).await;
    assert_eq!(
        (again.status, &again.json()["secret"]),
        (201, &Value::Null),
        "it signs no more"
    );
}

async fn an_abnormal_refund_is_sent_another_way_once(world: World) {
    let (_, order_no) = paid(&world).await;
    settings(&world, json!({"refund_outcome": "abnormal"})).await;
    let refund = taken(&world, &order_no, 1790).await;
    world.advance_clocks(6).await;
    wait_for(&world, number(&refund), "abnormal").await;
    let path = format!("/v1/refunds/{}/abnormal", number(&refund));
    let card = |number: &str| {
        json!({"to": "buyers_card", "bank_type": "CMB_DEBIT", "bank_account": number,
            "real_name": "张三"})
    };
    let (first, other) = (card("6225880000000001"), card("6225880000000002"));
    let answered = world.post(API_KEY, &path, Some("k"), &first).await;
    assert_eq!(answered.status, 200, "{answered:?}");
    world.advance_clocks(6).await;
    wait_for(&world, number(&refund), "succeeded").await;
    let again = world.post(API_KEY, &path, Some("k"), &first).await;
    assert_eq!((again.status, again.text), (200, answered.text));
    let reused = world.post(API_KEY, &path, Some("k"), &other).await;
    assert_eq!(reused.refusal(), (422, "IDEMPOTENCY_KEY_REUSED".into()));
    let late = world.post(API_KEY, &path, Some("another"), &first).await;
    assert_eq!(
        late.refusal(),
        (409, "REFUND_NOT_ABNORMAL".into()),
        "another key asks anew"
    );
}

async fn a_refusal_leaves_the_key_free(world: World) {
    let url = |text: &str| json!({"url": text});
    let create = async |body: &Value| {
        world
            .post(API_KEY, "/v1/webhook_endpoints", Some("k"), body)
            .await
    };
    let refused = create(&url("ftp://nowhere/")).await;
    assert_eq!(refused.refusal(), (400, "INVALID_REQUEST".into()));
    assert_eq!(create(&url("http://127.0.0.1:1/")).await.status, 201);

    let token = world.log_in("demo").await;
    let (order_no, _) = world.latte(&token).await;
    let path = format!("/v1/mp/orders/{order_no}/close");
    world
        .faults(json!([{"on": "query", "kind": "status", "status": 500, "code": "SYSTEM_ERROR"}]))
        .await;
    let unknown = world.post(&token, &path, Some("close"), &json!({})).await;
    assert_eq!(unknown.refusal().0, 503);
    world.no_faults().await;
    let closed = world.post(&token, &path, Some("close"), &json!({})).await;
    assert_eq!(closed.json()["order"]["state"], "closed", "{closed:?}");
}

async fn sixteen_at_once_make_one_endpoint(world: World) {
    let body = json!({"url": "http://127.0.0.1:1/"});
    let all = (0..16).map(|_| world.post(API_KEY, "/v1/webhook_endpoints", Some("k"), &body));
    let answers = futures_util::future::join_all(all).await;
    let first = answers
        .iter()
        .filter(|it| it.status == 201 && !is_repeat(it))
        .count();
    assert_eq!(first, 1);
    for answer in answers.iter().filter(|it| it.status != 201) {
        assert_eq!(answer.refusal(), (409, "IDEMPOTENCY_KEY_IN_FLIGHT".into()));
    }
    let all = world.get(API_KEY, "/v1/webhook_endpoints").await.json();
    assert_eq!(all["data"].as_array().unwrap().len(), 1);
}

/// Somebody reserved this key for a close of the order until then, and died.
async fn left_behind(world: &World, order_no: &str, until: domain::Millis) {
    use server::flows::once::Call;
    let target = format!("POST /v1/orders/{order_no}/close");
    let merchant = world
        .app
        .merchants
        .by_mch_id(world.mch_id().as_str())
        .unwrap();
    let call = Call::of_merchant(&merchant, Some("left".to_owned()), &[&target]);
    let mut tx = Tx::new("test_reserve");
    let reservation = idempotency::Reservation {
        key: call.key.unwrap(),
        request_hash: call.request_hash,
        subject: String::new(),
        lease_until: until,
        created_at: world.now(),
    };
    idempotency::reserve(&mut tx, &reservation);
    world.app.commit(tx).await.unwrap();
}

async fn a_key_whose_holder_died_is_free_within_seconds(world: World) {
    let token = world.log_in("demo").await;
    let (order_no, _) = world.latte(&token).await;
    left_behind(&world, &order_no, world.now().plus(Duration::from_secs(6))).await;
    let path = format!("/v1/orders/{order_no}/close");
    let held = world.post(API_KEY, &path, Some("left"), &json!({})).await;
    assert_eq!(held.refusal(), (409, "IDEMPOTENCY_KEY_IN_FLIGHT".into()));
    world.advance_clocks(7).await;
    let closed = world.post(API_KEY, &path, Some("left"), &json!({})).await;
    assert_eq!(closed.json()["order"]["state"], "closed", "{closed:?}");
}

/// A lease that was given while the clock was a day ahead does not keep others out for a day.
async fn k05_a_key_that_was_leased_before_the_clock_was_set_back_is_free(world: World) {
    let token = world.log_in("demo").await;
    let (order_no, _) = world.latte(&token).await;
    let tomorrow = world.now().plus(Duration::from_secs(24 * 3600));
    left_behind(&world, &order_no, tomorrow).await;
    let path = format!("/v1/orders/{order_no}/close");
    let closed = world.post(API_KEY, &path, Some("left"), &json!({})).await;
    assert_eq!(closed.json()["order"]["state"], "closed", "{closed:?}");
}

async fn keys_are_forgotten_a_day_after_they_were_used(world: World) {
    let body = json!({"url": "http://127.0.0.1:1/"});
    let create = async || {
        world
            .post(API_KEY, "/v1/webhook_endpoints", Some("k"), &body)
            .await
    };
    let first = create().await.json();
    world.advance(24 * 3600 - 60).await;
    assert_eq!(create().await.json(), first);
    world.advance(120).await;
    let fresh = create().await;
    assert_eq!(fresh.status, 201);
    assert_ne!(fresh.json()["endpoint"]["id"], first["endpoint"]["id"]);
}

async fn openid_of_demo(world: &World) -> String {
    let token = world.log_in("demo").await;
    let (order_no, _) = world.latte(&token).await;
    let number = domain::OrderNo::new(order_no.as_str()).unwrap();
    let order = store::orders::get(&world.app.store, &world.mch_id(), &number).await;
    order.unwrap().unwrap().openid.as_str().to_owned()
}

/// While WeChat takes its time, the lease of the key is renewed; only a holder that died loses it.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_renewed_while_its_holder_waits_for_wechat() {
    let world = World::with(|config| config.wechat.timeout_ms = 20_000).await;
    let openid = openid_of_demo(&world).await;
    let slow = json!([{"on": "prepay", "kind": "delay", "delay_ms": 9000, "times": 1}]);
    world.faults(slow).await;
    let body = json!({"app_id": world.text("appid"), "openid": openid, "amount_fen": 1,
        "description": "tea"});
    let key = api_key(&world, "slow");
    let lease = async || {
        let row = idempotency::get(&world.app.store, &key).await.unwrap();
        row.map(|row| row.lease_until)
    };
    let order = world.post(API_KEY, "/v1/orders", Some("slow"), &body);
    let renewed = async {
        let first = loop {
            if let Some(first) = lease().await {
                break first;
            }
            tokio::task::yield_now().await;
        };
        while lease().await == Some(first) {
            tokio::task::yield_now().await;
        }
        world.post(API_KEY, "/v1/orders", Some("slow"), &body).await
    };
    let (first, second) = tokio::join!(order, renewed);
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(second.refusal(), (409, "IDEMPOTENCY_KEY_IN_FLIGHT".into()));
}

/// A repeat of an order with another amount is refused here, whether the first prepay succeeded or
/// its outcome is unknown; WeChat sees one number with one amount.
async fn p10_another_amount_under_the_same_key_is_refused_and_never_reaches_wechat(world: World) {
    let openid = openid_of_demo(&world).await;
    let place = async |key: &str, amount_fen: i64| {
        let body = json!({"app_id": world.text("appid"), "openid": openid,
            "amount_fen": amount_fen, "description": "tea"});
        world.post(API_KEY, "/v1/orders", Some(key), &body).await
    };
    let reused = (422, "IDEMPOTENCY_KEY_REUSED".to_owned());
    let lost = json!([{"on": "prepay", "kind": "status", "status": 500, "code": "SYSTEM_ERROR",
        "after_effect": true, "times": 1}]);
    for (key, fault) in [("certain", json!([])), ("unknown", lost)] {
        let unknown = fault != json!([]);
        world.faults(fault).await;
        let first = place(key, 500).await;
        assert_eq!(first.status, if unknown { 503 } else { 201 }, "{first:?}");
        assert_eq!(place(key, 501).await.refusal(), reused, "{key}");
        let again = place(key, 500).await;
        assert_eq!(again.status, if unknown { 201 } else { 200 }, "{again:?}");
        let order_no = again.json()["order"]["order_no"].clone();
        let url = format!("{}/control/orders", world.control);
        let held = world.http.get(&url, &[]).await.json();
        let held = held["data"].as_array().unwrap();
        let amounts = held.iter().filter(|it| it["out_trade_no"] == order_no);
        let amounts: Vec<_> = amounts.map(|it| it["amount"]["total"].clone()).collect();
        assert_eq!(amounts, [json!(500)], "{key}");
    }
}
