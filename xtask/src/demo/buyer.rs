//! A buyer with a phone, and the merchant's own system, both over HTTP.

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::http::Host;
use super::shop::API_KEY;

/// A logged-in buyer.
pub(super) struct Buyer {
    server: Host,
    authorization: String,
    /// Unique for this login, so that keys of an earlier run are not met again.
    key_prefix: String,
    purchases: u32,
}

/// An order and what its cashier needs.
pub(super) struct Placed {
    pub(super) order_no: String,
    pub(super) amount_fen: i64,
    pub(super) state: String,
    pub(super) payment: Value,
}

impl Buyer {
    pub(super) fn log_in(server: Host, code: &str) -> anyhow::Result<Self> {
        let body = json!({"code": code});
        let answer = server.send("POST", "/v1/mp/login", &[], &body)?.ok()?;
        let token = text(&answer, "token")?;
        let authorization = format!("Bearer {token}");
        Ok(Self {
            server,
            authorization,
            key_prefix: code.to_owned(),
            purchases: 0,
        })
    }

    pub(super) fn goods(&self) -> anyhow::Result<Vec<Value>> {
        let headers = [("Authorization", self.authorization.as_str())];
        let answer = self.server.get("/v1/mp/goods", &headers)?.ok()?;
        Ok(answer["data"].as_array().cloned().unwrap_or_default())
    }

    pub(super) fn buy(&mut self, goods_id: &str, quantity: u32) -> anyhow::Result<Placed> {
        self.purchases += 1;
        let key = format!("{}-{}", self.key_prefix, self.purchases);
        let headers = [
            ("Authorization", self.authorization.as_str()),
            ("Idempotency-Key", key.as_str()),
        ];
        let body = json!({"goods_id": goods_id, "quantity": quantity});
        placed(
            &self
                .server
                .send("POST", "/v1/mp/orders", &headers, &body)?
                .ok()?,
        )
    }

    /// The order as the server knows it, without asking WeChat.
    pub(super) fn state(&self, order_no: &str) -> anyhow::Result<String> {
        let headers = [("Authorization", self.authorization.as_str())];
        let path = format!("/v1/mp/orders/{order_no}");
        let answer = self.server.get(&path, &headers)?.ok()?;
        Ok(text(&answer["order"], "state")?.to_owned())
    }
}

/// The merchant's own system places an order that must be paid within seconds.
pub(super) fn place_short_lived(
    server: Host,
    app_id: &str,
    openid: &str,
    expires_in_s: u64,
    key: &str,
) -> anyhow::Result<Placed> {
    let authorization = format!("Bearer {API_KEY}");
    let headers = [
        ("Authorization", authorization.as_str()),
        ("Idempotency-Key", key),
    ];
    let body = json!({
        "app_id": app_id, "openid": openid, "amount_fen": 5_200,
        "description": "铁观音 · Tieguanyin oolong", "expires_in_s": expires_in_s,
    });
    placed(&server.send("POST", "/v1/orders", &headers, &body)?.ok()?)
}

fn placed(answer: &Value) -> anyhow::Result<Placed> {
    let order = &answer["order"];
    let payment = answer["payment"].clone();
    for field in ["timeStamp", "nonceStr", "package", "signType", "paySign"] {
        if !payment[field].is_string() {
            bail!("the payment has no text `{field}`: {answer}");
        }
    }
    Ok(Placed {
        order_no: text(order, "order_no")?.to_owned(),
        amount_fen: order["amount_fen"]
            .as_i64()
            .context("the order has no amount")?,
        state: text(order, "state")?.to_owned(),
        payment,
    })
}

pub(super) fn text<'a>(value: &'a Value, name: &str) -> anyhow::Result<&'a str> {
    value[name]
        .as_str()
        .with_context(|| format!("no text `{name}` in {value}"))
}
