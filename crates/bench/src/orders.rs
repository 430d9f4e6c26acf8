//! Placing orders: what a buyer's phone sends, once per order, each with its own key.

use anyhow::{Context, Result, bail};

use crate::client::{Connection, request};
use crate::load::Work;

/// Logs one buyer in and returns the `Authorization` header's value.
pub(crate) async fn login(address: &str) -> Result<String> {
    let mut connection = Connection::open(address).await?;
    let call = request("POST", "/v1/mp/login", &[], br#"{"code":"bench-code"}"#);
    let answer = connection.call(&call).await?;
    if answer.status != 200 {
        bail!(
            "login answered {}: {}",
            answer.status,
            String::from_utf8_lossy(answer.body)
        );
    }
    let json: serde_json::Value = serde_json::from_slice(answer.body)?;
    let token = json.get("token").and_then(|token| token.as_str());
    Ok(format!(
        "Bearer {}",
        token.context("the login answer has no token")?
    ))
}

/// `count` requests that each place another order.
pub(crate) fn work(authorization: &str, count: usize) -> Work {
    let body = br#"{"goods_id":"tea","quantity":1}"#;
    let requests = (0..count)
        .map(|index| {
            let key = format!("bench-{index}");
            let headers = [
                ("authorization", authorization),
                ("idempotency-key", key.as_str()),
            ];
            request("POST", "/v1/mp/orders", &headers, body)
        })
        .collect();
    Work {
        requests,
        success: 201,
    }
}
