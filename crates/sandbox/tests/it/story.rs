//! The story: what is told, in which order, and to whom.

use axum::Router;
use axum::routing::post;
use serde_json::{Value, json};

use crate::phone::{Phone, SHOP};
use crate::shop::Manner;
use crate::world::{Answer, World, http};

impl World {
    async fn story(&self, query: &str) -> Vec<Value> {
        let story = self
            .control("GET", &format!("/story{query}"), json!({}))
            .await;
        story["data"].as_array().unwrap().clone()
    }

    async fn newest_entry(&self, kind: &str) -> Value {
        let story = self.story("").await;
        let mut newest = story.into_iter().rev();
        newest.find(|entry| entry["kind"] == kind).unwrap()
    }
}

/// Kind, English title, outcome, verdict.
fn line(entry: &Value) -> [&str; 4] {
    let title = &entry["title"]["en"];
    [&entry["kind"], title, &entry["outcome"], &entry["verdict"]]
        .map(|value| value.as_str().unwrap_or("-"))
}

#[tokio::test]
async fn a_whole_purchase_is_told_in_order() {
    let world = World::start().await;
    world.log_in().await;
    world.paid("STORY01").await;
    world.query("STORY01").await;

    let story = world.story("").await;
    let lines: Vec<_> = story.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            ["switch", "The clock stands still", "ok", "-"],
            ["login_code", "wx.login gets a code", "ok", "none"],
            ["api", "Exchange the code for an openid", "ok", "none"],
            ["api", "Place order (JSAPI)", "ok", "passed"],
            ["state", "Order: NOTPAY", "ok", "-"],
            ["cashier", "Open the cashier", "ok", "passed"],
            ["cashier", "Enter the password and pay", "ok", "-"],
            ["state", "Order: SUCCESS", "ok", "-"],
            ["notification", "Payment notification", "ok", "-"],
            ["api", "Query order", "ok", "passed"],
        ]
    );
    assert!(
        story.iter().skip(1).all(|entry| entry["user"] == "demo"),
        "{story:#?}"
    );
    let numbered = story.iter().skip(3);
    assert!(
        numbered
            .clone()
            .all(|entry| entry["out_trade_no"] == "STORY01")
    );
    assert_eq!(world.story("?out_trade_no=STORY01").await.len(), 7);
    assert!(world.story("?out_trade_no=STORY02").await.is_empty());
    for entry in &story[1..] {
        let says = [&entry["says"]["zh"], &entry["says"]["en"]];
        assert!(
            says.iter().all(|says| says.as_str().unwrap().len() > 20),
            "{entry:#}"
        );
    }

    let [prepay, cashier, notification] = [&story[3], &story[5], &story[8]];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    assert!(text(&prepay["signed"][0]["text"]).starts_with("POST\n/v3/pay/transactions/jsapi\n"));
    assert_eq!(prepay["signed"][1]["signer"], "platform");
    assert!(text(&prepay["request"]["body"]).contains("STORY01"));
    assert!(text(&prepay["answer"]["body"]).contains("prepay_id"));
    let four = text(&cashier["signed"][0]["text"]);
    assert!(
        four.starts_with(&format!("{}\n", world.merchant.text("appid"))) && four.ends_with('\n'),
        "{four:?}"
    );
    assert_eq!(four.lines().count(), 4);
    assert_eq!(notification["plaintext"]["trade_state"], "SUCCESS");
    assert_eq!(notification["answer"]["status"], 204);
    assert!(text(&notification["signed"][0]["text"]).contains("ciphertext"));
}

#[tokio::test]
async fn a_wrong_pay_sign_is_shown_with_what_was_signed_and_why_it_fails() {
    let world = World::start().await;
    let prepay_id = world.prepay("STORY01").await;
    let mut payment = world.payment(&prepay_id);
    let signed = payment["timeStamp"]
        .as_str()
        .unwrap()
        .parse::<i64>()
        .unwrap();
    payment["timeStamp"] = json!((signed + 1).to_string());
    world.cashier(&payment).await;
    let entry = world.newest_entry("cashier").await;
    assert_eq!(line(&entry)[2..], ["refused", "failed"]);
    assert_eq!(entry["out_trade_no"], "STORY01");
    let shown = entry["signed"][0]["text"].as_str().unwrap();
    assert!(shown.contains(&format!("\n{}\n", signed + 1)), "{shown}");
    assert!(!entry["causes"][0]["zh"].as_str().unwrap().is_empty());

    payment.as_object_mut().unwrap().remove("paySign");
    world.cashier(&payment).await;
    let entry = world.newest_entry("cashier").await;
    assert_eq!(line(&entry)[2..], ["refused", "none"], "nothing to verify");
}

#[tokio::test]
async fn a_call_that_is_signed_wrongly_says_why() {
    let world = World::start().await;
    let path = world.query_path("STORY01");
    let authorization = world.merchant.authorization("GET", "/v3/other", "");
    world
        .merchant
        .send("GET", &path, "", Some(&authorization))
        .await;
    let entry = world.newest_entry("api").await;
    assert_eq!(line(&entry), ["api", "Query order", "refused", "failed"]);
    assert_eq!(
        (&entry["status"], &entry["mchid"]),
        (&json!(401), &world.merchant.info["mchid"])
    );
    assert!(entry["causes"][0]["en"].as_str().is_some());
    assert_eq!(
        entry["out_trade_no"], "STORY01",
        "as the path says, known or not"
    );
}

#[tokio::test]
async fn a_lost_notification_and_its_resend_are_two_entries() {
    let world = World::start().await;
    let lose = json!({ "on": "notification", "kind": "lose", "times": 1 });
    world.fault(lose).await;
    let switch = world.newest_entry("switch").await;
    assert_eq!(switch["title"]["zh"], "故障：通知丢失，一次");
    world.paid("STORY01").await;
    let lost = world.newest_entry("notification").await;
    assert_eq!((line(&lost)[2], &lost["fault"]), ("lost", &json!("lose")));
    assert!(
        lost["says"]["en"]
            .as_str()
            .unwrap()
            .contains("sends it again at")
    );
    world.advance(15).await;
    let second = world.newest_entry("notification").await;
    assert_eq!(
        line(&second)[1..3],
        ["Payment notification (sending 2)", "ok"]
    );
    let order: Vec<Value> = world.story("").await;
    let order: Vec<_> = order
        .iter()
        .rev()
        .take(2)
        .map(|entry| line(entry)[1])
        .collect();
    assert_eq!(
        order,
        ["Payment notification (sending 2)", "Time moves on by 15 s"]
    );
}

#[tokio::test]
async fn a_merchant_that_takes_a_forged_notification_is_told_so() {
    let world = World::start().await;
    let forged = json!({ "on": "notification", "kind": "wrong_signature", "times": 1 });
    world.fault(forged).await;
    world.paid("STORY01").await;
    let entry = world.newest_entry("notification").await;
    assert!(
        entry["says"]["en"]
            .as_str()
            .unwrap()
            .contains("the merchant took it")
    );

    world.shop.answers(Manner::Status(401));
    let forged = json!({ "on": "notification", "kind": "unsigned", "times": 1 });
    world.fault(forged).await;
    world.paid("STORY02").await;
    let entry = world.newest_entry("notification").await;
    assert_eq!(line(&entry)[2], "refused");
    assert!(entry["says"]["en"].as_str().unwrap().contains("Rightly"));
}

#[tokio::test]
async fn orders_close_in_the_story_by_call_and_by_age() {
    let world = World::start().await;
    world.prepay("STORY01").await;
    world.prepay("STORY02").await;
    world.close("STORY01").await;
    world.close("STORY01").await;
    let closed = world.newest_entry("state").await;
    assert_eq!(closed["trade_state"], "CLOSED");
    assert_eq!(closed["title"]["en"], "Order: CLOSED");
    assert_eq!(closed["out_trade_no"], "STORY01");
    world.advance(8 * 86_400).await;
    let aged = world.newest_entry("state").await;
    assert_eq!(aged["out_trade_no"], "STORY02");
    assert!(aged["says"]["en"].as_str().unwrap().contains("seven days"));
    let states = world.story("").await;
    let states = states.iter().filter(|entry| entry["kind"] == "state");
    assert_eq!(states.count(), 4, "closing again changes nothing");
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_effect_says_what_it_means() {
    let world = World::start().await;
    let fault = json!({ "on": "prepay", "kind": "status", "after_effect": true, "times": 1 });
    world.fault(fault).await;
    world
        .merchant
        .post(crate::world::JSAPI, &world.order("STORY01").await)
        .await;
    let entry = world.newest_entry("api").await;
    assert_eq!(line(&entry)[2..], ["failed", "passed"]);
    assert!(
        entry["says"]["en"]
            .as_str()
            .unwrap()
            .contains("WeChat did it")
    );
    assert_eq!(
        world.newest_entry("state").await["title"]["en"],
        "Order: NOTPAY"
    );
}

#[tokio::test]
async fn requests_of_the_mini_program_are_linked_to_their_order() {
    let fields = |axum::Json(order): axum::Json<Value>| async move { order["fields"].to_string() };
    let server = Router::new().route("/orders", post(fields));
    let phone = Phone::start(server).await;
    let prepay_id = phone.world.prepay("STORY01").await;
    let ask = async |data: Value| {
        let url = format!("{SHOP}/orders?from=cart");
        let header = json!({ "content-type": "application/json" });
        let wish = json!({ "user": "demo", "url": url, "method": "POST", "header": header,
                           "data": data.to_string() });
        phone.request(wish).await;
        phone.world.newest_entry("request").await
    };
    let package = format!("prepay_id={prepay_id}");
    let placed = ask(json!({ "fields": { "package": package } })).await;
    assert_eq!(line(&placed), ["request", "POST /orders", "ok", "none"]);
    assert_eq!(
        (&placed["user"], &placed["status"]),
        (&json!("demo"), &json!(200))
    );
    assert_eq!(placed["out_trade_no"], "STORY01");
    assert!(
        placed["says"]["en"]
            .as_str()
            .unwrap()
            .contains("five fields")
    );

    let list = json!({ "fields": ["STORY01", phone.world.prepay("STORY02").await] });
    assert_eq!(
        ask(list).await["out_trade_no"],
        Value::Null,
        "a list is about no one order"
    );

    let login = json!({ "appid": phone.world.merchant.text("appid"), "user": "demo" });
    let code = phone.world.control("POST", "/login", login).await["code"].clone();
    let entry = ask(json!({ "code": code })).await;
    assert!(entry["says"]["en"].as_str().unwrap().contains("openid"));

    let wish = json!({ "user": "demo", "url": "https://other.example/" });
    phone.request(wish).await;
    let refused = phone.world.newest_entry("request").await;
    assert_eq!(line(&refused)[2], "refused");
    assert!(
        refused["says"]["en"]
            .as_str()
            .unwrap()
            .contains("never left the phone")
    );
}

#[tokio::test]
async fn faults_are_told_by_what_changed() {
    let world = World::start().await;
    let lose = json!({ "on": "notification", "kind": "lose", "times": 2 });
    let closed = json!({ "on": "any", "kind": "status", "status": 503, "seconds": 60 });
    world.fault(lose.clone()).await;
    let more = json!({ "faults": [closed] });
    world.control("POST", "/faults", more).await;
    world.fault(lose).await;
    world
        .control("PUT", "/faults", json!({ "faults": [] }))
        .await;
    let story = world.story("").await;
    let titles: Vec<_> = story.iter().map(|entry| line(entry)[1]).collect();
    assert_eq!(
        titles[1..],
        [
            "Fault: notification gets lost, 2 times",
            "Fault: every call answers with an error, for 60 s",
            "Fault taken away: every call answers with an error",
            "Fault taken away: notification gets lost",
        ]
    );
}

#[tokio::test]
async fn the_console_links_to_the_phone() {
    let world = World::start().await;
    let page = http()
        .get(world.sandbox.control_url())
        .send()
        .await
        .unwrap();
    assert!(Answer::read(page).await.text.contains("href=\"/phone/\""));
}
