//! What can be made to go wrong with answers.

use std::time::Duration;

use serde_json::json;

use crate::world::{JSAPI, World, http};

#[tokio::test]
async fn an_error_may_come_before_or_after_the_effect() {
    let world = World::start().await;
    let order = world.order("F000001").await;
    let before = json!({ "on": "prepay", "kind": "status", "times": 1 });
    world.fault(before).await;
    let answer = world.merchant.post(JSAPI, &order).await;
    assert_eq!(
        (answer.status, answer.refusal().1.as_str()),
        (500, "SYSTEM_ERROR")
    );
    assert!(!answer.is_signed());
    assert_eq!(world.query("F000001").await.status, 404, "no effect");
    let after = json!({ "on": "prepay", "kind": "status", "times": 1, "after_effect": true,
        "status": 429, "code": "FREQUENCY_LIMITED", "message": "频率超限" });
    world.fault(after).await;
    let answer = world.merchant.post(JSAPI, &order).await;
    assert_eq!(
        answer.refusal(),
        (429, "FREQUENCY_LIMITED".to_owned(), "频率超限".to_owned())
    );
    assert_eq!(
        world.query("F000001").await.status,
        200,
        "the effect is there"
    );
    let record = world.control("GET", "/requests", json!({})).await["data"].clone();
    assert!(
        record
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["fault"] == "status")
    );
    assert_eq!(
        world.prepay("F000001").await.len(),
        36,
        "and it struck once"
    );
}

#[tokio::test]
async fn an_answer_may_never_come_and_the_effect_be_there() {
    let world = World::start().await;
    let order = world.order("F000002").await;
    let fault = json!({ "on": "prepay", "kind": "timeout", "times": 1, "after_effect": true });
    world.fault(fault).await;
    let body = order.to_string();
    let header = world.merchant.authorization("POST", JSAPI, &body);
    let url = format!("{}{JSAPI}", world.sandbox.api_url());
    let request = http().post(url).header("authorization", header).body(body);
    let error = request
        .timeout(Duration::from_millis(200))
        .send()
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(world.query("F000002").await.status, 200);
}

#[tokio::test]
async fn a_gateway_may_speak_html() {
    let world = World::start().await;
    world
        .fault(json!({ "on": "query", "kind": "html", "times": 1 }))
        .await;
    let answer = world.query("F000003").await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.header("content-type"), Some("text/html"));
    assert!(answer.text.starts_with("<html>"));
}

#[tokio::test]
async fn a_right_answer_may_be_signed_wrongly() {
    let world = World::start().await;
    world.prepay("F000004").await;
    let key = world.certificate().await;
    for kind in [
        "unsigned",
        "wrong_signature",
        "signtest",
        "unknown_serial",
        "stale",
    ] {
        world
            .fault(json!({ "on": "query", "kind": kind, "times": 1 }))
            .await;
        let answer = world.query("F000004").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["trade_state"], "NOTPAY");
        assert_eq!(answer.is_signed(), kind != "unsigned");
        if let Some(signature) = answer.header("wechatpay-signature") {
            assert_eq!(
                signature.starts_with("WECHATPAY/SIGNTEST/"),
                kind == "signtest"
            );
            let own = answer.header("wechatpay-serial") == Some(key.serial_no().as_str());
            assert_eq!(own, kind != "unknown_serial");
        }
        if kind == "stale" {
            answer.verify(key.public_key());
        }
        world.query("F000004").await.verify(key.public_key());
    }
}

#[tokio::test]
async fn login_faults_are_errcodes() {
    let world = World::start().await;
    let fault = json!({ "on": "login", "kind": "status", "code": "-1", "message": "system error" });
    world.fault(fault).await;
    let url = format!("{}/sns/jscode2session", world.sandbox.api_url());
    let answer = http().get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.text().await.unwrap(),
        r#"{"errcode":-1,"errmsg":"system error"}"#
    );
}

#[tokio::test]
async fn a_script_is_checked_before_it_is_put_in_force() {
    let world = World::start().await;
    for script in [
        json!({ "faults": [{ "on": "prepay", "kind": "lose" }] }),
        json!({ "faults": [{ "on": "moon", "kind": "lose" }] }),
        json!({ "faults": [{ "on": "prepay", "kind": "html", "often": 3 }] }),
        json!([]),
    ] {
        assert_eq!(
            world.try_control("PUT", "/faults", script).await.status,
            400
        );
    }
    let script = json!({ "faults": [{ "on": "any", "kind": "unsigned", "times": 3 }] });
    let shown = world.control("PUT", "/faults", script).await;
    assert_eq!(shown["faults"][0]["times"], 3);
    world.query("F000005").await;
    let shown = world.control("GET", "/faults", json!({})).await;
    assert_eq!(shown["faults"][0]["times"], 2);
    world.control("POST", "/reset", json!({})).await;
    assert_eq!(
        world.control("GET", "/faults", json!({})).await,
        json!({ "faults": [] })
    );
}

#[tokio::test]
async fn faults_can_be_added_to_those_in_force() {
    let world = World::start().await;
    let lose = json!({ "on": "notification", "kind": "lose", "times": 1 });
    world.fault(lose.clone()).await;
    let closed = json!({ "on": "any", "kind": "status", "status": 503, "code": "SYSTEM_ERROR",
        "seconds": 60 });
    let script = json!({ "faults": [closed] });
    let both = world.control("POST", "/faults", script).await;
    let kinds = [&both["faults"][0]["kind"], &both["faults"][1]["kind"]];
    assert_eq!(kinds, ["lose", "status"]);
    let answer = world.query("F000001").await;
    assert_eq!(
        (answer.status, answer.refusal().1.as_str()),
        (503, "SYSTEM_ERROR")
    );
    let left = world.control("GET", "/faults", json!({})).await;
    let seconds = left["faults"][1]["seconds"].as_u64().unwrap();
    assert!((1..=60).contains(&seconds), "{left}");

    let many = json!({ "faults": vec![lose.clone(); 999] });
    assert_eq!(world.try_control("POST", "/faults", many).await.status, 400);
    let never = json!({ "on": "any", "kind": "status", "seconds": 0 });
    let never = json!({ "faults": [never] });
    assert_eq!(
        world.try_control("POST", "/faults", never).await.status,
        400
    );
    let one = json!({ "faults": [lose] });
    let replaced = world.control("PUT", "/faults", one).await;
    assert_eq!(replaced["faults"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_fault_with_seconds_ends_by_itself() {
    let world = World::start().await;
    let closed = json!({ "on": "any", "kind": "status", "status": 503, "seconds": 2 });
    world.fault(closed).await;
    assert_eq!(world.query("F000001").await.status, 503);
    // Machine time: asking is the only way of waiting for it.
    for _ in 0..100_000 {
        if world.query("F000001").await.status == 404 {
            return;
        }
    }
    panic!("two seconds never passed");
}
