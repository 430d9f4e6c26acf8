//! What the story tells of a refund.

use serde_json::{Value, json};

use crate::refunds::REFUNDS;
use crate::world::World;

impl World {
    /// What is told about an order from its first refund on.
    async fn told_of_refunds(&self, number: &str) -> Vec<Value> {
        let path = format!("/story?out_trade_no={number}");
        let story = self.control("GET", &path, json!({})).await;
        let story = story["data"].as_array().unwrap().clone().into_iter();
        let begins = |entry: &Value| {
            entry["title"]["en"] != "Refund" && entry["title"]["zh"] != "商户平台手工退款 0.40 元"
        };
        story.skip_while(begins).collect()
    }
}

fn titles(story: &[Value]) -> Vec<&str> {
    story
        .iter()
        .map(|entry| entry["title"]["en"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_refund_is_told_in_order_and_linked_to_its_order() {
    let world = World::start().await;
    world.paid("S100001").await;
    let id = world.query("S100001").await.json()["transaction_id"].clone();
    let mut body = world.refund_of("", "RS00001", 40);
    body.as_object_mut().unwrap().remove("out_trade_no");
    body["transaction_id"] = id;
    world.merchant.post(REFUNDS, &body).await;
    world.query_refund("RS00001").await;
    world.advance(5).await;
    world.query_refund("RS00001").await;
    world.query("S100001").await;
    let story = world.told_of_refunds("S100001").await;
    assert_eq!(
        titles(&story),
        [
            "Refund",
            "Order: REFUND",
            "Query refund",
            "Refund: SUCCESS",
            "Refund notification",
            "Query refund",
            "Query order",
        ]
    );
    assert_eq!(story[0]["kind"], "api");
    assert_eq!(
        [&story[1]["trade_state"], &story[1]["refund_status"]],
        ["REFUND", "PROCESSING"]
    );
    assert_eq!(
        [&story[3]["trade_state"], &story[3]["refund_status"]],
        [&Value::Null, &json!("SUCCESS")]
    );
    assert_eq!(story[4]["plaintext"]["refund_status"], "SUCCESS");
    for entry in &story {
        assert_eq!(entry["user"], "demo", "{entry:#}");
        let says = [&entry["says"]["zh"], &entry["says"]["en"]];
        assert!(says.iter().all(|says| says.as_str().unwrap().len() > 20));
    }
    let says = |entry: &Value| entry["says"]["en"].as_str().unwrap().to_owned();
    assert!(says(&story[1]).contains("0.40 yuan, and 0.60 can still"));
    assert!(says(&story[5]).contains("(SUCCESS)"));
    assert!(says(&story[6]).contains("(REFUND)"), "{}", says(&story[6]));
}

#[tokio::test]
async fn refusals_of_refunds_say_what_to_do() {
    let world = World::start().await;
    world.prepay("S100002").await;
    world.refund("S100002", "RS00002", 40).await;
    world.query_refund("RS00002").await;
    let story = world.control("GET", "/story", json!({})).await;
    let mut newest = story["data"].as_array().unwrap().iter().rev();
    let says = |entry: &Value| entry["says"]["en"].as_str().unwrap().to_owned();
    let query = newest.next().unwrap();
    assert!(says(query).contains("never accepted a refund of this number"));
    let refund = newest.next().unwrap();
    assert!(says(refund).contains("nobody has paid it"));
    assert_eq!(refund["out_trade_no"], "S100002");
}

#[tokio::test]
async fn the_console_and_what_becomes_of_refunds_are_told() {
    let world = World::start().await;
    world.paid("S100003").await;
    let wish = json!({ "out_trade_no": "S100003", "amount_fen": 40 });
    let refund = world.control("POST", "/refunds", wish).await;
    let path = format!("/refunds/{}", refund["refund_id"].as_str().unwrap());
    for outcome in ["abnormal", "closed"] {
        world
            .control("PUT", &path, json!({ "outcome": outcome }))
            .await;
    }
    let story = world.told_of_refunds("S100003").await;
    assert_eq!(
        titles(&story),
        [
            "Refund of 0.40 yuan in the merchant's console",
            "Order: REFUND",
            "The refund becomes abnormal",
            "Refund: ABNORMAL",
            "The refund closes",
            "Refund: CLOSED",
        ]
    );
}
