//! The inspector: what was signed, and why it did not hold.

use serde_json::{Value, json};

use crate::world::{JSAPI, World, unix_seconds};

/// Sends `body` to `target`, signed over `message` in which `T` stands for the timestamp.
async fn misled(world: &World, method: &str, target: &str, body: &str, message: &str) -> Value {
    let timestamp = unix_seconds().to_string();
    let message = message.replace("{T}", &timestamp);
    let signature = world.merchant.key.sign(message.as_bytes());
    let header = world.merchant.authorization_with(&timestamp, &signature);
    let answer = world
        .merchant
        .send(method, target, body, Some(&header))
        .await;
    assert_eq!(answer.status, 401, "{message}");
    world.newest_request().await
}

fn cause(record: &Value) -> &str {
    record["causes"][0]["cause"].as_str().unwrap()
}

#[tokio::test]
async fn a_right_request_is_shown_with_both_signed_strings() {
    let world = World::start().await;
    world.prepay("I000001").await;
    let record = world.newest_request().await;
    assert_eq!(record["verdict"], "valid");
    assert_eq!(record["status"], 200);
    let signed = record["string_to_sign"].as_str().unwrap();
    assert!(signed.starts_with(&format!("POST\n{JSAPI}\n")), "{signed}");
    assert!(signed.ends_with(&format!("\n{}\n", record["body"].as_str().unwrap())));
    let answered = record["answer_string_to_sign"].as_str().unwrap();
    assert!(answered.ends_with(&format!("\n{}\n", record["answer"].as_str().unwrap())));
    assert_eq!(record["causes"], json!([]));
    let after = format!("/requests?after={}", record["id"]);
    let later = world.control("GET", &after, json!({})).await;
    assert_eq!(later, json!({ "data": [], "next_after": record["id"] }));
}

#[tokio::test]
async fn the_cause_of_a_bad_signature_is_found_by_trying() {
    let world = World::start().await;
    let path = world.query_path("I000002");
    let bare = path.split('?').next().unwrap();
    let body = r#"{"mchid":"1","a":"盘"}"#;
    let (head, get) = (format!("POST\n{JSAPI}\n{{T}}\nnonce\n"), "{T}\nnonce\n");
    let post = |message: String, expected| ("POST", JSAPI, body, message, expected);
    let reserialised = |body: &str| post(format!("{head}{body}\n"), "body_reserialised");
    let late = format!("POST\n{JSAPI}\n{{T}}042\nnonce\n{body}\n");
    for (method, target, sent, message, expected) in [
        (
            "GET",
            path.as_str(),
            "",
            format!("GET\n{bare}\n{get}\n"),
            "query_left_out",
        ),
        (
            "GET",
            path.as_str(),
            "",
            format!("GET\n{path}\n{get}"),
            "missing_final_newline",
        ),
        post(format!("{head}{body}"), "missing_final_newline"),
        post(late, "timestamp_milliseconds"),
        reserialised(r#"{"a": "盘", "mchid": "1"}"#),
        reserialised(r#"{"mchid":"1","a":"\u76d8"}"#),
        post(
            format!("{head}{{\"mchid\":\"1\",\"a\":\"?\"}}\n"),
            "body_charset",
        ),
        post(format!("{head}\n"), "body_left_out"),
        post("nothing of the kind".to_owned(), "unexplained"),
    ] {
        let record = misled(&world, method, target, sent, &message).await;
        assert_eq!(record["verdict"], "bad_signature");
        assert_eq!(cause(&record), expected, "{record}");
        assert!(record["causes"][0]["zh"].is_string() && record["causes"][0]["en"].is_string());
    }
}

#[tokio::test]
async fn an_encoded_path_is_signed_as_it_is_sent() {
    let world = World::start().await;
    let mchid = world.merchant.text("mchid");
    let target = format!("/v3/pay/transactions/out-trade-no/A%7CB%2A01?mchid={mchid}");
    assert_eq!(
        world.merchant.get(&target).await.status,
        404,
        "the signature holds"
    );
    let decoded = target.replace("%7C", "|").replace("%2A", "*");
    let message = format!("GET\n{decoded}\n{{T}}\nnonce\n\n");
    let record = misled(&world, "GET", &target, "", &message).await;
    assert_eq!(cause(&record), "url_decoded_path");
}

#[tokio::test]
async fn a_foreign_key_a_wrong_serial_and_a_wrong_clock_are_explained() {
    let world = World::start().await;
    let other = world.control("POST", "/merchants", json!({})).await;
    let other = crate::world::Caller::new(world.sandbox.api_url(), other);
    let swap =
        |header: &str, name: &str| header.replace(other.text(name), world.merchant.text(name));
    let path = world.query_path("I000003");
    let header = other.authorization("GET", &path, "");
    let header = swap(&swap(&header, "mchid"), "serial_no");
    world
        .merchant
        .send("GET", path.as_str(), "", Some(&header))
        .await;
    let record = world.newest_request().await;
    assert_eq!(cause(&record), "key_of_another_serial");
    assert!(
        record["causes"][0]["en"]
            .as_str()
            .unwrap()
            .contains(other.text("serial_no"))
    );

    let header = swap(&other.authorization("GET", &path, ""), "mchid");
    world
        .merchant
        .send("GET", path.as_str(), "", Some(&header))
        .await;
    assert_eq!(
        cause(&world.newest_request().await),
        "serial_of_another_certificate"
    );

    for (timestamp, expected) in [
        (unix_seconds() * 1000, "timestamp_milliseconds"),
        (unix_seconds() - 3600, "timestamp_off"),
    ] {
        let header = world
            .merchant
            .authorization_with(&timestamp.to_string(), "c2ln");
        world
            .merchant
            .send("GET", path.as_str(), "", Some(&header))
            .await;
        let record = world.newest_request().await;
        assert_eq!(record["verdict"], "stale_timestamp");
        assert_eq!(cause(&record), expected);
    }
}

#[tokio::test]
async fn the_memory_is_bounded_and_its_ids_go_on() {
    let world = World::start().await;
    for _ in 0..510 {
        world.merchant.send("GET", "/nowhere", "", None).await;
    }
    let all = world.control("GET", "/requests?after=0", json!({})).await;
    assert_eq!(all["data"].as_array().unwrap().len(), 500);
    assert_eq!(all["next_after"], 510);
    world.control("POST", "/reset", json!({})).await;
    world.merchant.send("GET", "/nowhere", "", None).await;
    assert_eq!(world.newest_request().await["id"], 511);
}
