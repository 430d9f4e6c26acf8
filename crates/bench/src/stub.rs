//! The upstream of a measured server: every answer is signed in advance, so that the platform's
//! own RSA is not what is measured. The signature is renewed every few seconds to stay fresh.

use std::sync::{Arc, RwLock};

use anyhow::Result;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use tokio::net::TcpListener;
use wechatpay::crypto::{PrivateKey, message};

use crate::clock;
use crate::keys::Keys;

/// Far below the ±5 minutes within which an answer counts as fresh.
const RENEW_AFTER_S: i64 = 30;
const PREPAY_BODY: &str = r#"{"prepay_id":"wx23224512345678c8c9d9e9f90a1b2c3d00"}"#;
const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";

struct Signed {
    at: i64,
    headers: HeaderMap,
}

struct Stub {
    platform: PrivateKey,
    public_key_id: &'static str,
    prepay: RwLock<Arc<Signed>>,
}

impl Stub {
    /// The headers of the prepay answer, signed anew when the last signature grows old.
    fn prepay_headers(&self) -> HeaderMap {
        let now = clock::unix_seconds();
        if let Ok(signed) = self.prepay.read()
            && now - signed.at < RENEW_AFTER_S
        {
            return signed.headers.clone();
        }
        let signed = Arc::new(sign(&self.platform, self.public_key_id, now, PREPAY_BODY));
        let headers = signed.headers.clone();
        if let Ok(mut slot) = self.prepay.write() {
            *slot = signed;
        }
        headers
    }
}

fn sign(key: &PrivateKey, serial: &str, now: i64, body: &str) -> Signed {
    let timestamp = now.to_string();
    let signature = key.sign(&message::answer(&timestamp, NONCE, body.as_bytes()));
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("content-type", "application/json"),
        ("request-id", "08F1A2B3-268435456"),
        ("wechatpay-timestamp", timestamp.as_str()),
        ("wechatpay-nonce", NONCE),
        ("wechatpay-serial", serial),
        ("wechatpay-signature", signature.as_str()),
        ("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    Signed { at: now, headers }
}

async fn prepay(State(stub): State<Arc<Stub>>, _body: Bytes) -> Response {
    (stub.prepay_headers(), PREPAY_BODY).into_response()
}

async fn login() -> Response {
    let body =
        r#"{"openid":"oBench0000000000000000000001","session_key":"AAAAAAAAAAAAAAAAAAAAAA=="}"#;
    (StatusCode::OK, body).into_response()
}

/// Starts the stub on a free port and returns its base URL.
pub(crate) async fn start(keys: &Keys) -> Result<String> {
    let first = sign(
        &keys.platform,
        keys.public_key_id,
        clock::unix_seconds(),
        PREPAY_BODY,
    );
    let stub = Arc::new(Stub {
        platform: keys.platform.clone(),
        public_key_id: keys.public_key_id,
        prepay: RwLock::new(Arc::new(first)),
    });
    let router = Router::new()
        .route("/v3/pay/transactions/jsapi", post(prepay))
        .route("/sns/jscode2session", get(login))
        .with_state(stub);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}
