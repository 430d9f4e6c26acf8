//! Refunds: asked for, accepted, settled, told of.

use serde_json::{Value, json};
use wechatpay::crypto::{ApiV3Key, message};

use crate::world::{Answer, World};

pub(crate) const REFUNDS: &str = "/v3/refund/domestic/refunds";

impl World {
    /// A refund of part of the 100 fen that every order here comes to.
    pub(crate) fn refund_of(&self, out_trade_no: &str, out_refund_no: &str, fen: i64) -> Value {
        json!({
            "out_trade_no": out_trade_no,
            "out_refund_no": out_refund_no,
            "reason": "商品已售完",
            "notify_url": self.shop.url,
            "amount": { "refund": fen, "total": 100, "currency": "CNY" },
        })
    }

    pub(crate) async fn refund(&self, order: &str, number: &str, fen: i64) -> Answer {
        let body = self.refund_of(order, number, fen);
        self.merchant.post(REFUNDS, &body).await
    }

    /// A refund that is accepted.
    pub(crate) async fn refunded(&self, order: &str, number: &str, fen: i64) -> Value {
        let answer = self.refund(order, number, fen).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    pub(crate) async fn query_refund(&self, number: &str) -> Answer {
        self.merchant.get(&format!("{REFUNDS}/{number}")).await
    }

    pub(crate) async fn refund_status(&self, number: &str) -> Value {
        self.query_refund(number).await.json()["status"].clone()
    }

    /// The newest notification: its envelope, and what is sealed in it, after both were verified.
    pub(crate) async fn newest_notice(&self) -> (Value, Value) {
        let received = self.shop.received().pop().unwrap();
        let (timestamp, nonce) = (received.header("wechatpay-timestamp"), "wechatpay-nonce");
        let message = message::answer(timestamp, received.header(nonce), &received.body);
        let certificate = self.certificate().await;
        let signature = received.header("wechatpay-signature");
        certificate
            .public_key()
            .verify(&message, signature)
            .unwrap();
        let envelope: Value = serde_json::from_slice(&received.body).unwrap();
        let key = ApiV3Key::new(self.merchant.text("api_v3_key")).unwrap();
        let text = |name: &str| envelope["resource"][name].as_str().unwrap();
        let plain = key
            .open(text("nonce"), text("associated_data"), text("ciphertext"))
            .unwrap();
        let plain = serde_json::from_slice(&plain).unwrap();
        (envelope, plain)
    }
}

#[tokio::test]
async fn a_refund_is_accepted_arrives_and_is_notified() {
    let world = World::start().await;
    world.paid("F000001").await;
    let accepted = world.refund("F000001", "RF1", 40).await;
    accepted.verify(world.certificate().await.public_key());
    let accepted = accepted.json();
    let refund_id = accepted["refund_id"].as_str().unwrap();
    assert_eq!((refund_id.len(), &refund_id[..2]), (29, "50"));
    assert_eq!(accepted["status"], "PROCESSING");
    assert_eq!(accepted["channel"], "ORIGINAL");
    assert_eq!(accepted["user_received_account"], "支付用户零钱");
    assert_eq!(accepted.get("success_time"), None);
    let amount = &accepted["amount"];
    assert_eq!(
        [&amount["total"], &amount["refund"], &amount["payer_refund"]],
        [100, 40, 40]
    );
    let order = world.query("F000001").await.json();
    assert_eq!(order["trade_state"], "REFUND", "from the acceptance on");
    assert_eq!(order["success_time"].as_str().unwrap().len(), 25);

    world.advance(4).await;
    assert_eq!(world.refund_status("RF1").await, "PROCESSING");
    world.advance(1).await;
    let query = world.query_refund("RF1").await;
    query.verify(world.certificate().await.public_key());
    let settled = query.json();
    assert_eq!(settled["status"], "SUCCESS");
    assert_eq!(settled["refund_id"], accepted["refund_id"]);

    let (envelope, plain) = world.newest_notice().await;
    assert_eq!(envelope["event_type"], "REFUND.SUCCESS");
    assert_eq!(envelope["summary"], "退款成功");
    assert_eq!(envelope["resource"]["original_type"], "refund");
    assert_eq!(envelope["resource"]["associated_data"], "refund");
    let expected = json!({
        "mchid": world.merchant.text("mchid"),
        "transaction_id": order["transaction_id"],
        "out_trade_no": "F000001",
        "refund_id": refund_id,
        "out_refund_no": "RF1",
        "refund_status": "SUCCESS",
        "success_time": settled["success_time"],
        "user_received_account": "支付用户零钱",
        "amount": { "total": 100, "refund": 40, "payer_total": 100, "payer_refund": 40 },
    });
    assert_eq!(plain, expected);
    let listed = world.control("GET", "/refunds", json!({})).await;
    assert_eq!(listed["data"][0]["status"], "SUCCESS");
    assert_eq!(listed["data"][0]["origin"], "api");
    let notice = world.notifications().await.pop().unwrap();
    assert_eq!(
        (&notice["out_trade_no"], &notice["out_refund_no"]),
        (&json!("F000001"), &json!("RF1"))
    );
}

#[tokio::test]
async fn a_refund_number_is_the_key_of_idempotence() {
    let world = World::start().await;
    world.paid("F000002").await;
    let first = world.refunded("F000002", "RF2", 40).await;
    assert_eq!(world.refunded("F000002", "RF2", 40).await, first);
    world.advance(5).await;
    let settled = world.refunded("F000002", "RF2", 40).await;
    assert_eq!(settled["refund_id"], first["refund_id"]);
    assert_eq!(settled["status"], "SUCCESS", "as it stands now");
    let (status, code, _) = world.refund("F000002", "RF2", 41).await.refusal();
    assert_eq!((status, code.as_str()), (400, "INVALID_REQUEST"));
    let mut elsewhere = world.refund_of("F000002", "RF2", 40);
    elsewhere["notify_url"] = json!("https://other.example/notify");
    let answer = world.merchant.post(REFUNDS, &elsewhere).await;
    assert_eq!(answer.refusal().1, "INVALID_REQUEST");
    assert_eq!(world.notifications().await.len(), 2);
    let missing = world.query_refund("RF3").await.refusal();
    assert_eq!(
        (missing.0, missing.1.as_str()),
        (404, "RESOURCE_NOT_EXISTS")
    );
}
