//! A transport whose answers are scripted, one per request, and which keeps the requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use wechatpay::crypto::{PrivateKey, message};
use wechatpay::{BoxFuture, Transport, TransportError};

use crate::fixtures::{NOW, PUBLIC_KEY_ID, platform_key};

pub(crate) type Outcome = Result<Response<Bytes>, TransportError>;

/// Answers each request with the next of a script, and fails the test when there is none left.
pub(crate) struct Script {
    steps: Mutex<VecDeque<Outcome>>,
    requests: Mutex<Vec<Request<Bytes>>>,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Outcome>) -> Arc<Self> {
        Arc::new(Self {
            steps: Mutex::new(steps.into_iter().collect()),
            requests: Mutex::new(Vec::new()),
        })
    }

    pub(crate) fn requests(&self) -> Vec<Request<Bytes>> {
        self.requests.lock().unwrap().clone()
    }

    /// The one request that was made.
    pub(crate) fn only_request(&self) -> Request<Bytes> {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "exactly one request was expected");
        requests.remove(0)
    }

    pub(crate) fn hosts(&self) -> Vec<String> {
        self.requests()
            .iter()
            .map(|at| at.uri().host().unwrap().to_owned())
            .collect()
    }
}

impl Transport for Script {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Outcome> {
        let what = format!("{} {}", request.method(), request.uri().path());
        self.requests.lock().unwrap().push(request);
        let step = self.steps.lock().unwrap().pop_front();
        Box::pin(async move {
            // Let others run, as a network would.
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            step.unwrap_or_else(|| panic!("the script has no answer left for {what}"))
        })
    }
}

/// An answer in the making: signed by the public-key-mode key unless said otherwise.
pub(crate) struct Say {
    status: u16,
    body: Bytes,
    media_type: Option<&'static str>,
    timestamp: String,
    serial: String,
    signature: Option<String>,
    headers: Vec<(&'static str, String)>,
}

pub(crate) fn say(status: u16, body: impl Into<Bytes>) -> Say {
    Say {
        status,
        body: body.into(),
        media_type: Some("application/json; charset=utf-8"),
        timestamp: NOW.to_string(),
        serial: PUBLIC_KEY_ID.to_owned(),
        signature: None,
        headers: Vec::new(),
    }
}

impl Say {
    pub(crate) fn at(mut self, timestamp: i64) -> Self {
        self.timestamp = timestamp.to_string();
        self
    }

    pub(crate) fn media_type(mut self, media_type: Option<&'static str>) -> Self {
        self.media_type = media_type;
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Claims another key, whichever signs.
    pub(crate) fn serial(mut self, serial: &str) -> Self {
        serial.clone_into(&mut self.serial);
        self
    }

    /// Carries this in place of a signature.
    pub(crate) fn signature(mut self, signature: &str) -> Self {
        self.signature = Some(signature.to_owned());
        self
    }

    pub(crate) fn probe(self) -> Self {
        self.signature("WECHATPAY/SIGNTEST/abcdefghijklmnopqrstuvwxyz0123456789+/ABCDEF")
    }

    pub(crate) fn signed(self) -> Outcome {
        self.signed_with(platform_key())
    }

    pub(crate) fn signed_with(self, key: &PrivateKey) -> Outcome {
        let message = message::answer(&self.timestamp, "an-answer-nonce", &self.body);
        let signature = self.signature.clone().unwrap_or_else(|| key.sign(&message));
        let (timestamp, serial) = (self.timestamp.clone(), self.serial.clone());
        let mut answer = self.unsigned()?;
        for (name, value) in [
            ("Wechatpay-Timestamp", timestamp),
            ("Wechatpay-Nonce", "an-answer-nonce".to_owned()),
            ("Wechatpay-Serial", serial),
            ("Wechatpay-Signature", signature),
            (
                "Wechatpay-Signature-Type",
                "WECHATPAY2-SHA256-RSA2048".to_owned(),
            ),
        ] {
            answer.headers_mut().insert(name, value.parse().unwrap());
        }
        Ok(answer)
    }

    pub(crate) fn unsigned(self) -> Outcome {
        let mut answer = Response::builder()
            .status(self.status)
            .header("Request-ID", "08ABC-0");
        if let Some(media_type) = self.media_type {
            answer = answer.header("Content-Type", media_type);
        }
        for (name, value) in self.headers {
            answer = answer.header(name, value);
        }
        Ok(answer.body(self.body).unwrap())
    }
}

pub(crate) fn refused_to_connect() -> Outcome {
    Err(TransportError::not_sent("connection refused"))
}

pub(crate) fn lost() -> Outcome {
    Err(TransportError::maybe_sent("timed out"))
}

pub(crate) const PREPAID: &str = r#"{"prepay_id":"wx201410272009395522657a690389285100"}"#;

pub(crate) const UNPAID: &str = r#"{"amount":{"total":1},"appid":"wxd678efh567hg6787",
    "mchid":"1900007291","out_trade_no":"1217752501201407033233368018","payer":{},
    "promotion_detail":[],"trade_state":"NOTPAY","trade_state_desc":"订单未支付"}"#;
