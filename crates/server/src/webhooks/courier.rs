//! The one who calls a receiver. The lawful place of an HTTP client towards addresses that others
//! have named.

use std::{error::Error, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, StatusCode, header};
use reqwest::Url;
use wechatpay::BoxFuture;

use super::{
    address,
    resolver::{Guarded, Lookup, Private},
};
use crate::config::Webhooks;

/// How much of an answer is read and kept: enough for an error message.
const ANSWER_BYTES_MAX: usize = 1024;

/// Connections kept open to one receiver, so that a burst does not shake hands for each event.
const IDLE_CONNECTIONS_MAX: usize = 4;

/// What a receiver said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub status: StatusCode,
    /// `Retry-After`, as it was sent.
    pub retry_after: Option<String>,
    /// The beginning of the body.
    pub answer: String,
}

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    #[error("not called: {0}")]
    Refused(String),
    #[error("no answer in time")]
    TimedOut,
    #[error("no connection: {0}")]
    Unreachable(String),
}

/// Brings one request to a receiver; the seam for tests and simulation.
pub trait Courier: Send + Sync + 'static {
    fn deliver(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Receipt, CourierError>>;
}

/// Over HTTP: follows no redirect, uses no proxy, and calls only addresses that may be called.
#[derive(Clone, Debug)]
pub struct HttpCourier {
    client: reqwest::Client,
    rules: Webhooks,
}

impl HttpCourier {
    /// # Errors
    /// When the machine has no usable TLS roots.
    pub fn new(rules: &Webhooks, lookup: Arc<dyn Lookup>) -> anyhow::Result<Self> {
        let resolver = Guarded {
            lookup,
            allow_private: rules.allow_private_addresses,
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the courier, who sets the limits"
        )]
        let builder = reqwest::Client::builder();
        let client = builder
            .tls_backend_rustls()
            .timeout(Duration::from_millis(rules.timeout_ms.into()))
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .no_gzip()
            .dns_resolver(resolver)
            .build()?;
        Ok(Self {
            client,
            rules: rules.clone(),
        })
    }

    async fn call(&self, request: Request<Bytes>) -> Result<Receipt, CourierError> {
        let url = request.uri().to_string();
        // The rules may have become stricter since the endpoint was made.
        address::parse(&url, &self.rules).map_err(CourierError::Refused)?;
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let mut response = self.client.execute(request).await.map_err(failed)?;
        let mut body = BytesMut::new();
        // Once there is a status the outcome is known, however the body ends.
        while body.len() < ANSWER_BYTES_MAX
            && let Ok(Some(chunk)) = response.chunk().await
        {
            let room = ANSWER_BYTES_MAX.saturating_sub(body.len());
            body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        }
        Ok(Receipt {
            status: response.status(),
            retry_after: retry_after(response.headers()),
            answer: shown(&body),
        })
    }
}

impl Courier for HttpCourier {
    fn deliver(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Receipt, CourierError>> {
        Box::pin(self.call(request))
    }
}

fn retry_after(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    Some(value.trim().to_owned())
}

/// As text that any database takes: PostgreSQL refuses a zero byte.
fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(body).replace('\0', "\u{fffd}")
}

fn failed(error: reqwest::Error) -> CourierError {
    if error.is_timeout() {
        return CourierError::TimedOut;
    }
    // The address may hold a token in its query.
    let error = error.without_url();
    let mut cause: Option<&dyn Error> = Some(&error);
    let mut deepest = String::new();
    while let Some(here) = cause {
        if here.is::<Private>() {
            return CourierError::Refused(here.to_string());
        }
        deepest = here.to_string();
        cause = here.source();
    }
    CourierError::Unreachable(deepest)
}

/// The request as a receiver gets it.
pub(crate) fn request(url: &Url, headers: HeaderMap, body: String) -> Request<Bytes> {
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = url
        .as_str()
        .parse()
        .expect("a URL without fragment is a URI");
    *request.headers_mut() = headers;
    request
}
