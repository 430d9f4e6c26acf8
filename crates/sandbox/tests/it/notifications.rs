//! Notifications: sealed, signed, resent, and what can go wrong with them.

use std::time::Duration;

use sandbox::SandboxOptions;
use serde_json::{Value, json};
use wechatpay::crypto::{PublicKey, message};

use crate::shop::{Manner, Received};
use crate::world::{World, unix_seconds};

/// Seconds of the ladder, from the documentation, in its own spelling.
const LADDER: &str = "15s 15s 30s 3m 10m 20m 30m 30m 30m 60m 3h 3h 3h 6h 6h";

fn seconds(step: &str) -> i64 {
    let (number, unit) = step.split_at(step.len() - 1);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        _ => 3600,
    };
    number.parse::<i64>().unwrap() * unit
}

fn verify(received: &Received, key: &PublicKey) -> bool {
    let (timestamp, nonce) = (received.header("wechatpay-timestamp"), "wechatpay-nonce");
    let message = message::answer(timestamp, received.header(nonce), &received.body);
    key.verify(&message, received.header("wechatpay-signature"))
        .is_ok()
}

async fn only(world: &World) -> Value {
    let all = world.notifications().await;
    assert_eq!(all.len(), 1);
    all[0].clone()
}

#[tokio::test]
async fn a_notification_has_the_documented_envelope_and_headers() {
    let world = World::start().await;
    world.paid("N000001").await;
    let received = world.shop.received().remove(0);
    let body: Value = serde_json::from_slice(&received.body).unwrap();
    assert_eq!(body["event_type"], "TRANSACTION.SUCCESS");
    assert_eq!(body["resource_type"], "encrypt-resource");
    assert_eq!(body["summary"], "支付成功");
    assert!(body["id"].as_str().unwrap().len() <= 36);
    assert!(body["create_time"].as_str().unwrap().ends_with("+08:00"));
    let resource = &body["resource"];
    assert_eq!(resource["original_type"], "transaction");
    assert_eq!(resource["associated_data"], "transaction");
    assert_eq!(resource["algorithm"], "AEAD_AES_256_GCM");
    assert_eq!(resource["nonce"].as_str().unwrap().len(), 12);
    assert_eq!(received.header("content-type"), "application/json");
    assert_eq!(
        received.header("wechatpay-signature-type"),
        "WECHATPAY2-SHA256-RSA2048"
    );
    assert!(received.headers.contains_key("request-id"));
    let dated: i64 = received.header("wechatpay-timestamp").parse().unwrap();
    assert!((unix_seconds() - dated).abs() < 5);
    assert!(verify(&received, world.certificate().await.public_key()));
    assert_eq!(only(&world).await["state"], "delivered");
}

#[tokio::test]
async fn the_whole_ladder_is_fifteen_resends_in_24_hours_and_4_minutes() {
    let world = World::start().await;
    world.shop.answers(Manner::Status(500));
    world.paid("N000002").await;
    let mut sent = 1;
    assert_eq!(world.shop.received().len(), sent);
    for step in LADDER.split(' ').map(seconds) {
        world.advance(step - 1).await;
        assert_eq!(world.shop.received().len(), sent, "too early by a second");
        world.advance(1).await;
        sent += 1;
        assert_eq!(world.shop.received().len(), sent);
    }
    assert_eq!(
        LADDER.split(' ').map(seconds).sum::<i64>(),
        24 * 3600 + 4 * 60
    );
    world.advance(7 * 86_400).await;
    let received = world.shop.received();
    assert_eq!(received.len(), 16);
    let notice = only(&world).await;
    assert_eq!(notice["state"], "given_up");
    assert_eq!(notice["attempts"].as_array().unwrap().len(), 16);
    let key = world.certificate().await;
    let mut nonces = Vec::new();
    for one in &received {
        assert!(verify(one, key.public_key()));
        assert_eq!(one.body, received[0].body, "the id and the rest stay");
        nonces.push(one.header("wechatpay-nonce").to_owned());
    }
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 16, "each sending is signed anew");
}

#[tokio::test]
async fn one_long_advance_sends_all_resends_in_order_at_their_times() {
    let world = World::start().await;
    world.shop.answers(Manner::Status(502));
    world.paid("N000003").await;
    world.advance(24 * 3600 + 4 * 60).await;
    assert_eq!(world.shop.received().len(), 16);
    let notice = only(&world).await;
    let times: Vec<jiff::Timestamp> = notice["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| attempt["at"].as_str().unwrap().parse().unwrap())
        .collect();
    for (pair, step) in times.windows(2).zip(LADDER.split(' ')) {
        let gap = pair[1].duration_since(pair[0]).as_secs();
        assert_eq!(gap, seconds(step));
    }
}

#[tokio::test]
async fn a_resend_that_is_answered_ends_the_ladder() {
    let world = World::start().await;
    world.shop.answers(Manner::Status(500));
    world.paid("N000004").await;
    world.shop.answers(Manner::Status(200));
    world.advance(15).await;
    assert_eq!(only(&world).await["state"], "delivered");
    world.advance(2 * 86_400).await;
    assert_eq!(world.shop.received().len(), 2);
}

#[tokio::test]
async fn redirects_are_not_followed_and_other_2xx_do_not_count() {
    let world = World::start().await;
    for (number, manner) in [
        ("N000005", Manner::Redirect),
        ("N000006", Manner::Status(202)),
        ("N000007", Manner::Status(401)),
    ] {
        world.shop.answers(manner);
        world.paid(number).await;
    }
    assert_eq!(world.shop.received().len(), 3);
    for notice in world.notifications().await {
        assert_eq!(notice["state"], "waiting");
        assert!(notice["next_at"].is_string());
    }
}

#[tokio::test]
async fn a_silent_shop_and_a_closed_port_count_as_failed() {
    let options = SandboxOptions {
        notify_timeout: Duration::from_millis(200),
        ..SandboxOptions::default()
    };
    let world = World::with(options).await;
    world.shop.answers(Manner::Silence);
    world.paid("N000008").await;
    let attempt = only(&world).await["attempts"][0].clone();
    assert!(
        attempt["error"]
            .as_str()
            .unwrap()
            .starts_with("no answer in time"),
        "{attempt}"
    );
    let mut order = world.order("N000009").await;
    order["notify_url"] = json!("http://127.0.0.1:1/");
    let answer = world.merchant.post(crate::world::JSAPI, &order).await;
    world
        .pay(answer.json()["prepay_id"].as_str().unwrap())
        .await;
    world.advance(0).await;
    let attempt = world.notifications().await[1]["attempts"][0].clone();
    assert!(
        attempt["error"]
            .as_str()
            .unwrap()
            .starts_with("could not connect"),
        "{attempt}"
    );
}

#[tokio::test]
async fn a_notification_can_be_resent_by_hand() {
    let world = World::start().await;
    world.paid("N000010").await;
    let id = only(&world).await["id"].as_str().unwrap().to_owned();
    let path = format!("/notifications/{id}/resend");
    let notice = world.control("POST", &path, json!({})).await;
    assert_eq!(notice["attempts"].as_array().unwrap().len(), 2);
    assert_eq!(world.shop.received().len(), 2);
    let nobody = world
        .try_control("POST", "/notifications/x/resend", json!({}))
        .await;
    assert_eq!(nobody.status, 404);
    let filtered = world
        .control("GET", "/notifications?out_trade_no=other", json!({}))
        .await;
    assert_eq!(filtered["data"], json!([]));
}

#[tokio::test]
async fn notifications_can_be_lost_doubled_and_late() {
    let world = World::start().await;
    world
        .fault(json!({ "on": "notification", "kind": "lose", "times": 2 }))
        .await;
    world.paid("N000011").await;
    assert_eq!(world.shop.received().len(), 0);
    world.advance(30).await;
    assert_eq!(world.shop.received().len(), 1, "the third sending arrives");
    assert_eq!(only(&world).await["attempts"][0]["fault"], "lose");

    world
        .fault(json!({ "on": "notification", "kind": "duplicate" }))
        .await;
    world.paid("N000012").await;
    world.advance(1).await;
    let received = world.shop.received();
    assert_eq!(received.len(), 3);
    assert_eq!(received[1].body, received[2].body);
    world.advance(3600).await;
    assert_eq!(
        world.shop.received().len(),
        3,
        "a duplicate is not doubled again"
    );

    world
        .fault(json!({ "on": "notification", "kind": "delay", "delay_ms": 60_000 }))
        .await;
    world.paid("N000013").await;
    world.advance(59).await;
    assert_eq!(world.shop.received().len(), 3);
    world.advance(1).await;
    assert_eq!(world.shop.received().len(), 4);
}

#[tokio::test]
async fn notifications_can_be_signed_wrongly_in_every_way() {
    let world = World::start().await;
    let key = world.certificate().await;
    for (index, kind) in ["wrong_signature", "signtest", "unknown_serial"]
        .iter()
        .enumerate()
    {
        world
            .fault(json!({ "on": "notification", "kind": kind, "times": 1 }))
            .await;
        world.paid(&format!("N00010{index}")).await;
        let received = world.shop.received().pop().unwrap();
        let serial = received.header("wechatpay-serial") == key.serial_no().as_str();
        let probe = received
            .header("wechatpay-signature")
            .starts_with("WECHATPAY/SIGNTEST/");
        assert_eq!(probe, *kind == "signtest");
        assert_eq!(serial, *kind != "unknown_serial");
        assert_eq!(
            verify(&received, key.public_key()),
            *kind == "unknown_serial"
        );
    }
    world
        .fault(json!({ "on": "notification", "kind": "unsigned", "times": 1 }))
        .await;
    world.paid("N000014").await;
    let received = world.shop.received().pop().unwrap();
    assert!(!received.headers.contains_key("wechatpay-signature"));
    world
        .fault(json!({ "on": "notification", "kind": "stale", "times": 1 }))
        .await;
    world.paid("N000015").await;
    let received = world.shop.received().pop().unwrap();
    let dated: i64 = received.header("wechatpay-timestamp").parse().unwrap();
    assert!(
        (3590..3610).contains(&(unix_seconds() - dated)),
        "an hour old"
    );
    assert!(verify(&received, key.public_key()), "but rightly signed");
}

#[tokio::test]
async fn header_names_are_written_with_capitals() {
    let world = World::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut order = world.order("N000018").await;
    order["notify_url"] = json!(format!("http://{}/", listener.local_addr().unwrap()));
    let answer = world.merchant.post(crate::world::JSAPI, &order).await;
    world
        .pay(answer.json()["prepay_id"].as_str().unwrap())
        .await;
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut head = vec![0; 4096];
    let length = tokio::io::AsyncReadExt::read(&mut stream, &mut head)
        .await
        .unwrap();
    let head = String::from_utf8_lossy(&head[..length]);
    for name in [
        "Serial",
        "Timestamp",
        "Nonce",
        "Signature",
        "Signature-Type",
    ] {
        assert!(head.contains(&format!("\r\nWechatpay-{name}: ")), "{head}");
    }
}

#[tokio::test]
async fn a_fault_may_strike_one_order_only() {
    let world = World::start().await;
    let fault = json!({ "on": "notification", "kind": "lose", "out_trade_no": "N000017" });
    world.fault(fault).await;
    world.paid("N000016").await;
    world.paid("N000017").await;
    assert_eq!(world.shop.received().len(), 1);
}
