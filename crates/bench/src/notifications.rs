//! Receiving notifications: genuine ones, sealed with the `APIv3` key and signed by the platform's
//! key before the clock starts, one for each order that waits in the database.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use domain::OrderNo;
use serde_json::json;
use wechatpay::crypto::message;

use crate::client::request;
use crate::clock;
use crate::keys::Keys;
use crate::load::Work;
use crate::shop::{AMOUNT_FEN, OPENID};

/// Signing is spread over this many threads; it happens before anything is measured.
const SIGNERS: usize = 2;

/// One signed notification for each order number.
pub(crate) async fn work(keys: &Arc<Keys>, orders: &[OrderNo]) -> Result<Work> {
    let share = orders.len().div_ceil(SIGNERS).max(1);
    let tasks: Vec<_> = orders
        .chunks(share)
        .map(|part| {
            let (keys, part) = (Arc::clone(keys), part.to_vec());
            tokio::task::spawn_blocking(move || -> Result<Vec<Vec<u8>>> {
                part.iter()
                    .map(|order_no| notification(&keys, order_no))
                    .collect()
            })
        })
        .collect();
    let mut requests = Vec::with_capacity(orders.len());
    for task in tasks {
        requests.extend(task.await.map_err(|_| anyhow!("a signer panicked"))??);
    }
    Ok(Work {
        requests,
        success: 204,
    })
}

fn notification(keys: &Keys, order_no: &OrderNo) -> Result<Vec<u8>> {
    let transaction = json!({
        "transaction_id": format!("42000{}", &order_no.as_str()[..23]),
        "amount": {
            "payer_total": AMOUNT_FEN,
            "total": AMOUNT_FEN,
            "currency": "CNY",
            "payer_currency": "CNY",
        },
        "mchid": keys.mch_id,
        "appid": keys.app_id,
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "trade_type": "JSAPI",
        "bank_type": "OTHERS",
        "success_time": "2026-11-23T22:38:41+08:00",
        "payer": {"openid": OPENID},
        "out_trade_no": order_no.as_str(),
        "promotion_detail": [],
    });
    let nonce = "fdasflkja484";
    let sealed = keys
        .api_v3_key
        .seal(nonce, "transaction", transaction.to_string().as_bytes())?;
    let body = json!({
        "id": format!("EV-{order_no}"),
        "create_time": "2026-11-23T22:38:41+08:00",
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
        "resource": {
            "original_type": "transaction",
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": sealed,
            "associated_data": "transaction",
            "nonce": nonce,
        },
    })
    .to_string();
    Ok(signed(keys, order_no.as_str(), body.as_bytes()))
}

/// Requests that fit in everything but their signature: the dearest kind to refuse, because only
/// the RSA check tells.
pub(crate) fn forged(keys: &Keys, count: usize) -> Work {
    let timestamp = clock::unix_seconds().to_string();
    let body = br#"{"id":"EV-forged","event_type":"TRANSACTION.SUCCESS","resource":{}}"#;
    let signature = keys.merchant.sign(b"something else");
    let request = with_headers(keys, &timestamp, "0123456789abcdef", &signature, body);
    Work {
        requests: vec![request; count],
        success: 401,
    }
}

fn signed(keys: &Keys, nonce: &str, body: &[u8]) -> Vec<u8> {
    let timestamp = clock::unix_seconds().to_string();
    let signature = keys
        .platform
        .sign(&message::answer(&timestamp, nonce, body));
    with_headers(keys, &timestamp, nonce, &signature, body)
}

fn with_headers(
    keys: &Keys,
    timestamp: &str,
    nonce: &str,
    signature: &str,
    body: &[u8],
) -> Vec<u8> {
    let headers = [
        ("wechatpay-timestamp", timestamp),
        ("wechatpay-nonce", nonce),
        ("wechatpay-serial", keys.public_key_id),
        ("wechatpay-signature", signature),
        ("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048"),
    ];
    request("POST", "/v1/wechat/notify/default", &headers, body)
}
