//! The control plane itself.

use serde_json::json;

use crate::world::{World, http};

#[tokio::test]
async fn the_default_merchant_comes_with_all_its_papers() {
    let world = World::start().await;
    let merchant = world.control("GET", "/merchant", json!({})).await;
    for name in [
        "mchid",
        "appid",
        "app_secret",
        "api_v3_key",
        "serial_no",
        "private_key_pem",
        "certificate_pem",
        "public_key_id",
        "public_key_pem",
    ] {
        assert!(
            merchant[name].as_str().is_some_and(|text| !text.is_empty()),
            "{name}"
        );
    }
    assert_eq!(merchant["api_v3_key"].as_str().unwrap().len(), 32);
    assert_eq!(
        merchant,
        serde_json::to_value(world.sandbox.merchant()).unwrap()
    );
    let debug = format!("{:?}", world.sandbox.merchant());
    assert!(!debug.contains("PRIVATE"), "{debug}");
}

#[tokio::test]
async fn web_pages_are_kept_out() {
    let world = World::start().await;
    let url = format!("{}/control/merchant", world.sandbox.control_url());
    for (header, value, status) in [
        ("host", "evil.example", 403),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("origin", "http://localhost:8091", 200),
        ("host", "localhost:8091", 200),
    ] {
        let answer = http().get(&url).header(header, value).send().await.unwrap();
        assert_eq!(answer.status(), status, "{header}: {value}");
    }
}

#[tokio::test]
async fn users_are_found_by_name_and_have_an_openid_per_app() {
    let world = World::start().await;
    let made = world
        .control("POST", "/users", json!({ "name": "小明" }))
        .await;
    assert_eq!(made["user"], "小明");
    assert_eq!(
        made,
        world
            .control("POST", "/users", json!({ "name": "小明" }))
            .await
    );
    let unnamed = world.control("POST", "/users", json!({})).await;
    assert_eq!(unnamed["user"], "user-3");
    let all = world.control("GET", "/users", json!({})).await;
    assert_eq!(
        all["data"].as_array().unwrap().len(),
        3,
        "demo is always there"
    );
    let long = world
        .try_control("POST", "/users", json!({ "name": "x".repeat(65) }))
        .await;
    assert_eq!(long.status, 400);
}

#[tokio::test]
async fn mistakes_are_answered_with_a_sentence() {
    let world = World::start().await;
    let unknown = world.try_control("GET", "/nothing", json!({})).await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.json()["error"].is_string());
    let typo = world
        .try_control("PUT", "/settings", json!({ "wire_clok": "real" }))
        .await;
    assert_eq!(typo.status, 400);
    let message = typo.json()["error"].as_str().unwrap().to_owned();
    assert!(message.contains("wire_clok"), "{message}");
    let nobody = world
        .try_control("PUT", "/merchants/1999999999", json!({}))
        .await;
    assert_eq!(nobody.status, 404);
    let cashier = world
        .try_control("POST", "/cashier/none/pay", json!({}))
        .await;
    assert_eq!(cashier.status, 404);
}

#[tokio::test]
async fn a_reset_forgets_everything_but_the_keys() {
    let world = World::start().await;
    world.paid("RESET001").await;
    world.settings(json!({ "spelling": "old" })).await;
    world.control("POST", "/merchants", json!({})).await;
    world
        .control("POST", "/platform-certificates/rotate", json!({}))
        .await;
    let before = world.control("GET", "/merchant", json!({})).await;
    world.control("POST", "/reset", json!({})).await;
    assert_eq!(world.control("GET", "/merchant", json!({})).await, before);
    assert!(world.notifications().await.is_empty());
    for (path, expected) in [
        ("/merchants", 1),
        ("/platform-certificates", 1),
        ("/orders", 0),
    ] {
        let list = world.control("GET", path, json!({})).await;
        assert_eq!(list["data"].as_array().unwrap().len(), expected, "{path}");
    }
    assert_eq!(
        world.control("GET", "/settings", json!({})).await["spelling"],
        "field"
    );
    world.paid("RESET001").await;
}

#[tokio::test]
async fn the_console_is_one_page_without_foreign_sources() {
    let world = World::start().await;
    let page = http()
        .get(world.sandbox.control_url())
        .send()
        .await
        .unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("收银沙箱"));
    assert!(!page.contains("http://") && !page.contains("https://"));
}
