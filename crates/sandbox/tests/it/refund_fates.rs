//! What becomes of refunds: money, dead cards, consoles, faults.

use serde_json::{Value, json};

use crate::refunds::REFUNDS;
use crate::shop::Manner;
use crate::world::{Answer, World};

impl World {
    async fn merchant_balance(&self, fen: Value) -> Value {
        let path = format!("/merchants/{}", self.merchant.text("mchid"));
        self.control("PUT", &path, json!({ "balance_fen": fen }))
            .await["balance_fen"]
            .clone()
    }

    async fn purse(&self, change: Value) -> Value {
        self.control("PUT", "/users/demo", change).await["balance_fen"].clone()
    }

    async fn decide(&self, refund: &Value, decision: Value) -> Value {
        let id = refund["refund_id"].as_str().unwrap();
        let path = format!("/refunds/{id}");
        let decided = self.control("PUT", &path, decision).await;
        self.advance(0).await;
        decided
    }

    async fn apply(&self, refund: &Value, body: Value) -> Answer {
        let id = refund["refund_id"].as_str().unwrap();
        let path = format!("{REFUNDS}/{id}/apply-abnormal-refund");
        self.merchant.post(&path, &body).await
    }

    async fn refund_events(&self) -> Vec<String> {
        let notices = self.notifications().await.into_iter();
        let refunds = notices.filter(|notice| notice["out_refund_no"].is_string());
        let event = |notice: Value| notice["event_type"].as_str().unwrap().to_owned();
        refunds.map(event).collect()
    }
}

#[tokio::test]
async fn the_payer_has_the_money_back_when_the_refund_arrives() {
    let world = World::start().await;
    world.purse(json!({ "balance_fen": 150 })).await;
    world.paid("H100001").await;
    assert_eq!(world.purse(json!({})).await, 50);
    world.refunded("H100001", "RH1", 40).await;
    assert_eq!(world.purse(json!({})).await, 50, "accepted is not arrived");
    world.advance(5).await;
    assert_eq!(world.purse(json!({})).await, 90);
}

#[tokio::test]
async fn a_merchant_without_money_is_refused_until_it_has_some() {
    let world = World::start().await;
    world.merchant_balance(json!(0)).await;
    world.paid("H100002").await;
    world.merchant_balance(json!(39)).await;
    let refused = world.refund("H100002", "RH2", 40).await.refusal();
    assert_eq!((refused.0, refused.1.as_str()), (403, "NOT_ENOUGH"));
    assert_eq!(world.query_refund("RH2").await.status, 404);
    assert_eq!(
        world.query("H100002").await.json()["trade_state"],
        "SUCCESS"
    );
    world.paid("H100003").await;
    world.refunded("H100002", "RH2", 40).await;
    let path = "/merchants";
    let merchants = world.control("GET", path, json!({})).await;
    assert_eq!(merchants["data"][0]["balance_fen"], 99, "39 + 100 - 40");
}

#[tokio::test]
async fn an_accepted_refund_waits_seven_days_for_money_and_closes() {
    let world = World::start().await;
    world
        .settings(json!({ "short_of_funds": "accepted" }))
        .await;
    world.paid("H100004").await;
    world.merchant_balance(json!(0)).await;
    world.refunded("H100004", "RH3", 60).await;
    world.refunded("H100004", "RH4", 40).await;
    world.advance(86_400).await;
    assert_eq!(world.refund_status("RH3").await, "PROCESSING");
    world.merchant_balance(json!(50)).await;
    world.advance(0).await;
    assert_eq!(
        world.refund_status("RH3").await,
        "PROCESSING",
        "still short"
    );
    assert_eq!(world.refund_status("RH4").await, "SUCCESS");
    world.advance(6 * 86_400 - 1).await;
    assert_eq!(world.refund_status("RH3").await, "PROCESSING");
    world.advance(1).await;
    assert_eq!(world.refund_status("RH3").await, "CLOSED");
    let (envelope, plain) = world.newest_notice().await;
    assert_eq!(envelope["event_type"], "REFUND.CLOSED");
    assert_eq!(envelope["summary"], "退款关闭");
    assert_eq!(plain["refund_status"], "CLOSED");
    assert_eq!(plain.get("success_time"), None);
    world.merchant_balance(Value::Null).await;
    world.refunded("H100004", "RH5", 60).await;
    assert_eq!(
        world.refund("H100004", "RH3", 60).await.json()["status"],
        "CLOSED"
    );
}

#[tokio::test]
async fn a_dead_card_makes_a_refund_abnormal_until_another_card_is_named() {
    let world = World::start().await;
    world
        .purse(json!({ "refunds": "abnormal", "balance_fen": 100 }))
        .await;
    world.paid("H100005").await;
    let refund = world.refunded("H100005", "RH6", 40).await;
    world.advance(5).await;
    let (envelope, plain) = world.newest_notice().await;
    assert_eq!(envelope["event_type"], "REFUND.ABNORMAL");
    assert_eq!(envelope["summary"], "退款异常");
    assert_eq!(plain["refund_status"], "ABNORMAL");
    world.advance(86_400).await;
    assert_eq!(
        world.refund_status("RH6").await,
        "ABNORMAL",
        "it does not heal"
    );

    let mut world = world;
    let key = world.certificate().await;
    let seal = |text: &str| key.public_key().encrypt_oaep(text.as_bytes()).unwrap();
    let mut body = json!({
        "out_refund_no": "RH6",
        "type": "USER_BANK_CARD",
        "bank_type": "ICBC_DEBIT",
        "bank_account": seal("6222020200112230403"),
        "real_name": seal("张三"),
    });
    let unnamed = world.apply(&refund, body.clone()).await.refusal();
    assert!(unnamed.2.contains("Wechatpay-Serial"), "{unnamed:?}");
    world.merchant.verifies_with = Some(world.merchant.text("public_key_id").to_owned());
    let other_key = world.apply(&refund, body.clone()).await.refusal();
    assert_eq!((other_key.0, other_key.1.as_str()), (400, "PARAM_ERROR"));
    world.merchant.verifies_with = Some(key.serial_no().as_str().to_owned());
    let accepted = world.apply(&refund, body.clone()).await;
    accepted.verify(key.public_key());
    let accepted = accepted.json();
    assert_eq!(accepted["status"], "PROCESSING");
    assert_eq!(accepted["channel"], "OTHER_BANKCARD");
    assert_eq!(accepted["user_received_account"], "ICBC借记卡0403");
    body["bank_account"] = json!(seal("6222020200112230403"));
    assert_eq!(world.apply(&refund, body).await.json(), accepted);
    world.advance(5).await;
    assert_eq!(world.refund_status("RH6").await, "SUCCESS");
    assert_eq!(
        world.refund_events().await,
        ["REFUND.ABNORMAL", "REFUND.SUCCESS"]
    );
    assert_eq!(world.purse(json!({})).await, 0, "it went to a card");
}

#[tokio::test]
async fn an_abnormal_refund_is_applied_for_by_rules() {
    let world = World::start().await;
    world.paid("H100006").await;
    let refund = world.refunded("H100006", "RH7", 40).await;
    let to_merchant = json!({ "out_refund_no": "RH7", "type": "MERCHANT_BANK_CARD" });
    let refused = async |body: &Value| {
        let (status, code, _) = world.apply(&refund, body.clone()).await.refusal();
        (status, code)
    };
    let invalid = (400, "INVALID_REQUEST".to_owned());
    assert_eq!(refused(&to_merchant).await, invalid, "not abnormal");
    world
        .decide(&refund, json!({ "outcome": "abnormal" }))
        .await;
    let other = json!({ "out_refund_no": "RH8", "type": "MERCHANT_BANK_CARD" });
    assert_eq!(refused(&other).await, invalid);
    let parameter = (400, "PARAM_ERROR".to_owned());
    for wrong in [
        json!({ "type": "MERCHANT_BANK_CARD" }),
        json!({ "out_refund_no": "RH7", "type": "CARD" }),
        json!({ "out_refund_no": "RH7", "type": "USER_BANK_CARD" }),
        json!({ "out_refund_no": "RH7", "type": "USER_BANK_CARD", "bank_type": "ICBC_CREDIT" }),
    ] {
        assert_eq!(refused(&wrong).await, parameter, "{wrong}");
    }
    let unknown = json!({ "refund_id": "50300000000000000000000000000" });
    let missing = world.apply(&unknown, to_merchant.clone()).await.refusal();
    assert_eq!(
        (missing.0, missing.1.as_str()),
        (404, "RESOURCE_NOT_EXISTS")
    );
    let accepted = world.apply(&refund, to_merchant).await.json();
    assert_eq!(accepted["user_received_account"], "商户结算银行账户");
}

#[tokio::test]
async fn an_account_that_is_gone_gets_no_refund() {
    let world = World::start().await;
    world.paid("H100007").await;
    world.purse(json!({ "refunds": "refused" })).await;
    let refused = world.refund("H100007", "RH9", 40).await.refusal();
    assert_eq!(
        (refused.0, refused.1.as_str()),
        (403, "USER_ACCOUNT_ABNORMAL")
    );
}

#[tokio::test]
async fn the_outcome_can_be_chosen_before_and_after() {
    let world = World::start().await;
    world
        .settings(json!({ "refund_outcome": "processing", "refund_seconds": 1 }))
        .await;
    world.paid("H100008").await;
    let refund = world.refunded("H100008", "RH10", 40).await;
    world.advance(30 * 86_400).await;
    assert_eq!(world.refund_status("RH10").await, "PROCESSING", "for ever");
    let decided = world
        .decide(
            &refund,
            json!({ "outcome": "success", "after_seconds": 60 }),
        )
        .await;
    assert!(decided["settles_at"].is_string());
    world.advance(59).await;
    assert_eq!(world.refund_status("RH10").await, "PROCESSING");
    world.advance(1).await;
    assert_eq!(world.refund_status("RH10").await, "SUCCESS");

    world
        .settings(json!({ "refund_outcome": "closed", "refund_seconds": 0 }))
        .await;
    world.refunded("H100008", "RH11", 60).await;
    world.advance(0).await;
    assert_eq!(world.refund_status("RH11").await, "CLOSED");
    world.settings(json!({})).await;
    let again = world.refunded("H100008", "RH12", 60).await;
    assert_eq!(world.query("H100008").await.json()["trade_state"], "REFUND");
    let path = format!("/refunds/{}", again["refund_id"].as_str().unwrap());
    for outcome in ["abnormal", "success"] {
        let shown = world.decide(&again, json!({ "outcome": outcome })).await;
        assert_eq!(shown["status"], outcome.to_uppercase());
    }
    let ended = world
        .try_control("PUT", &path, json!({ "outcome": "closed" }))
        .await;
    assert_eq!(ended.status, 409);
    let nobody = world
        .try_control("PUT", "/refunds/1", json!({ "outcome": "closed" }))
        .await;
    assert_eq!(nobody.status, 404);
}

#[tokio::test]
async fn a_person_refunds_in_the_console() {
    let world = World::start().await;
    world.paid("H100009").await;
    let wish = json!({ "out_trade_no": "H100009", "amount_fen": 30, "notify_url": world.shop.url });
    let refund = world.control("POST", "/refunds", wish.clone()).await;
    assert_eq!(refund["origin"], "console");
    assert_eq!(refund["status"], "PROCESSING");
    world.advance(5).await;
    let (envelope, plain) = world.newest_notice().await;
    assert_eq!(envelope["event_type"], "REFUND.SUCCESS");
    assert_eq!(plain["out_refund_no"], refund["out_refund_no"]);
    let number = refund["out_refund_no"].as_str().unwrap();
    assert_eq!(world.refund_status(number).await, "SUCCESS");

    let control = async |body: Value| world.try_control("POST", "/refunds", body).await;
    let too_much = control(json!({ "out_trade_no": "H100009", "amount_fen": 71 })).await;
    assert_eq!(too_much.status, 409);
    assert!(too_much.text.contains("INVALID_REQUEST"), "{too_much:?}");
    let silent = control(json!({ "out_trade_no": "H100009", "amount_fen": 70 })).await;
    assert_eq!(silent.status, 200);
    world.advance(5).await;
    assert_eq!(
        world.refund_events().await.len(),
        1,
        "nobody asked for a notification"
    );
    assert_eq!(
        control(json!({ "out_trade_no": "NOTHING1", "amount_fen": 1 }))
            .await
            .status,
        404
    );
    let mut taken = wish;
    taken["out_refund_no"] = json!("R 1");
    assert_eq!(control(taken).await.status, 400);
    let list = world
        .control("GET", "/refunds?out_trade_no=OTHER01", json!({}))
        .await;
    assert_eq!(list["data"], json!([]));
    world.control("POST", "/reset", json!({})).await;
    let list = world.control("GET", "/refunds", json!({})).await;
    assert_eq!(list["data"], json!([]));
}

#[tokio::test]
async fn faults_strike_refunds_before_and_after_their_effect() {
    let world = World::start().await;
    world.paid("H100010").await;
    let limited = |after_effect: bool| {
        json!({ "on": "refund", "kind": "status", "status": 429, "code": "FREQUENCY_LIMITED",
                "after_effect": after_effect, "times": 1, "out_trade_no": "H100010" })
    };
    world.fault(limited(false)).await;
    let answer = world.refund("H100010", "RH13", 40).await.refusal();
    assert_eq!((answer.0, answer.1.as_str()), (429, "FREQUENCY_LIMITED"));
    assert_eq!(world.query_refund("RH13").await.status, 404);
    world.fault(limited(true)).await;
    assert_eq!(world.refund("H100010", "RH13", 40).await.status, 429);
    assert_eq!(
        world.refund_status("RH13").await,
        "PROCESSING",
        "accepted all the same"
    );
    world
        .fault(json!({ "on": "refund_query", "kind": "html", "times": 1 }))
        .await;
    assert_eq!(world.query_refund("RH13").await.status, 502);
    let refund = world.refunded("H100010", "RH13", 40).await;
    world
        .fault(json!({ "on": "abnormal_refund", "kind": "status", "times": 1 }))
        .await;
    let body = json!({ "out_refund_no": "RH13", "type": "MERCHANT_BANK_CARD" });
    assert_eq!(world.apply(&refund, body).await.status, 500);
}

#[tokio::test]
async fn notifications_of_refunds_climb_the_same_ladder_in_order() {
    let world = World::start().await;
    world.paid("H100011").await;
    world.shop.answers(Manner::Status(500));
    world.refunded("H100011", "RH14", 40).await;
    world.advance(4).await;
    world.refunded("H100011", "RH15", 60).await;
    world.advance(24 * 3600 + 4 * 60 + 9).await;
    let received = world.shop.received();
    assert_eq!(received.len(), 1 + 2 * 16);
    let notices = world.notifications().await;
    for (notice, number) in notices[1..].iter().zip(["RH14", "RH15"]) {
        assert_eq!(notice["out_refund_no"], number);
        assert_eq!(notice["state"], "given_up");
        assert_eq!(notice["create_time"], notice["attempts"][0]["at"]);
    }
    let id = notices[2]["id"].as_str().unwrap();
    world.shop.answers(Manner::Status(204));
    let path = format!("/notifications/{id}/resend");
    world.control("POST", &path, json!({})).await;
    assert_eq!(world.newest_notice().await.1["out_refund_no"], "RH15");
}
