//! WeChat's half of a notification, made by hand, so that each part of it can be spoilt.

use serde_json::{Value, json};
use wechatpay::crypto::{ApiV3Key, PrivateKey, message};

use crate::{
    http::Answer,
    world::{World, one_latte},
};

/// A notification that is right in every part until a test says otherwise.
#[derive(Clone)]
pub(crate) struct Notification {
    pub(crate) id: String,
    pub(crate) event_type: String,
    pub(crate) plaintext: Value,
    pub(crate) api_v3_key: String,
    pub(crate) timestamp: i64,
    pub(crate) serial: String,
    pub(crate) key: PrivateKey,
    pub(crate) merchant_key: String,
}

/// The headers and bytes that go over the wire.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Notification {
    /// WeChat says that `order_no` of one latte was paid by `demo`.
    pub(crate) fn paid(world: &World, order_no: &str, openid: &str) -> Self {
        let plaintext = json!({
            "transaction_id": "4200001234202611230000000001",
            "amount": {"total": 1790, "payer_total": 1790, "currency": "CNY",
                "payer_currency": "CNY"},
            "mchid": world.text("mchid"), "appid": world.text("appid"), "out_trade_no": order_no,
            "trade_state": "SUCCESS", "trade_state_desc": "支付成功", "trade_type": "JSAPI",
            "bank_type": "OTHERS", "success_time": world.now().rfc3339(),
            "payer": {"openid": openid}, "attach": "", "promotion_detail": []
        });
        Self {
            id: format!("EV-{order_no}"),
            event_type: "TRANSACTION.SUCCESS".into(),
            plaintext,
            api_v3_key: world.text("api_v3_key"),
            timestamp: world.now().seconds(),
            serial: world.text("public_key_id"),
            key: sandbox::Keys::shared().merchant.public_key.clone(),
            merchant_key: "default".into(),
        }
    }

    pub(crate) fn wire(&self, world: &World) -> Wire {
        let key = ApiV3Key::new(&self.api_v3_key).expect("32 bytes");
        let plaintext = self.plaintext.to_string();
        let nonce = "0123456789ab";
        let kind = if self.event_type.starts_with("REFUND.") {
            "refund"
        } else {
            "transaction"
        };
        let ciphertext = key.seal(nonce, kind, plaintext.as_bytes()).expect("sealed");
        let body = json!({
            "id": self.id, "create_time": world.now().rfc3339(),
            "resource_type": "encrypt-resource",
            "event_type": self.event_type, "summary": "支付成功",
            "resource": {"original_type": kind, "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": ciphertext, "associated_data": kind, "nonce": nonce}
        });
        let body = body.to_string().into_bytes();
        let timestamp = self.timestamp.to_string();
        let nonce = "fedcba9876543210fedcba9876543210";
        let signature = self.key.sign(&message::answer(&timestamp, nonce, &body));
        Wire {
            url: world.url(&format!("/v1/wechat/notify/{}", self.merchant_key)),
            headers: vec![
                ("content-type", "application/json".into()),
                ("request-id", "08F3-test".into()),
                ("wechatpay-timestamp", timestamp),
                ("wechatpay-nonce", nonce.into()),
                ("wechatpay-signature", signature),
                ("wechatpay-serial", self.serial.clone()),
                (
                    "wechatpay-signature-type",
                    "WECHATPAY2-SHA256-RSA2048".into(),
                ),
            ],
            body,
        }
    }

    pub(crate) async fn send(&self, world: &World) -> Answer {
        self.wire(world).send(world).await
    }
}

impl Wire {
    pub(crate) async fn send(&self, world: &World) -> Answer {
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        world
            .http
            .send("POST", &self.url, &headers, Some(self.body.clone()))
            .await
    }

    pub(crate) fn header(&self, name: &str) -> String {
        let named = self.headers.iter().find(|(header, _)| *header == name);
        named.expect("a header").1.clone()
    }

    /// The request as it begins on the wire: all headers but those that say how long its body is.
    pub(crate) fn head(&self) -> String {
        let path = self.url.splitn(4, '/').last().unwrap_or_default();
        let mut head = format!("POST /{path} HTTP/1.1\r\nhost: shop.example\r\n");
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head
    }

    pub(crate) fn without(mut self, header: &str) -> Self {
        self.headers.retain(|(name, _)| *name != header);
        self
    }

    pub(crate) fn with(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self = self.without(header);
        self.headers.push((header, value.into()));
        self
    }
}

/// A placed order and a notification that it was paid, though nobody paid.
pub(crate) async fn placed(world: &World) -> (String, String, Notification) {
    let token = world.log_in("demo").await;
    let answer = world.order(&token, &world.key(), &one_latte()).await;
    let order_no = answer.json()["order"]["order_no"]
        .as_str()
        .expect("a number")
        .to_owned();
    let number = domain::OrderNo::new(order_no.as_str()).expect("lawful");
    let order = store::orders::get(&world.app.store, &world.mch_id(), &number).await;
    let openid = order
        .expect("read")
        .expect("there")
        .openid
        .as_str()
        .to_owned();
    let notification = Notification::paid(world, &order_no, &openid);
    (token, order_no, notification)
}
