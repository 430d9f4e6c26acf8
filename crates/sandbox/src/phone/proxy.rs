//! `wx.request`: what the mini program says to its server goes through here, because a browser
//! would not let a page talk to another origin, and because a phone does not let a mini program
//! talk to any host but those on its list.
//!
//! Source: developers.weixin.qq.com/miniprogram/dev/framework/ability/network.html. The words
//! after `request:fail` differ between phones; those for a wrong domain and a timeout are the
//! common ones, the others are uncertain.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use reqwest::Url;
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;

use super::PhoneDomain;
use crate::control::{Problem, read};
use crate::inspector::{text, text_headers};
use crate::platform::Platform;
use crate::story::exchange;

/// The longest that a phone waits, and how long it does if the mini program says nothing.
const MAX_TIMEOUT: Duration = Duration::from_secs(60);
/// An answer of an API; the client's own limit is uncertain.
const MAX_ANSWER_BYTES: usize = 10 * 1024 * 1024;
/// A mini program may have ten requests under way; this is for several phones.
const MAX_IN_FLIGHT: usize = 64;
/// Servers that look for a mini program find these two words on real phones.
const USER_AGENT: &str = "Mozilla/5.0 MicroMessenger/8.0 MiniProgramEnv/sandbox";
/// `wx.request` has no others; TRACE and CONNECT, which it names, mean nothing through HTTPS.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];
/// What belongs to the connection or to the client, not to the mini program. A phone sends a
/// `Referer` of its own, whose exact form is uncertain; here there is none.
const NOT_ITS_OWN: [&str; 15] = [
    "host",
    "referer",
    "origin",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "accept-encoding",
    "expect",
];

/// What `wx.request` was given.
#[derive(Deserialize)]
pub(super) struct Wish {
    user: Option<String>,
    url: String,
    method: Option<String>,
    #[serde(default)]
    header: Map<String, Value>,
    data: Option<String>,
    timeout_ms: Option<u64>,
}

/// A request that may leave the phone.
pub(super) struct Leave {
    url: Url,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
    timeout: Duration,
}

/// What came back.
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Why nothing did. The text follows `request:fail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    InvalidUrl,
    InvalidMethod,
    NotInDomainList,
    Timeout,
    NotConnected,
    BrokenOff,
    TooLong,
}

impl Failure {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::InvalidUrl => "invalid url",
            Self::InvalidMethod => "invalid method",
            Self::NotInDomainList => "url not in domain list",
            Self::Timeout => "timeout",
            Self::NotConnected => "net::ERR_CONNECTION_REFUSED",
            Self::BrokenOff => "net::ERR_CONNECTION_RESET",
            Self::TooLong => "response too large",
        }
    }
}

/// The way out.
#[derive(Debug)]
pub(super) struct Proxy {
    client: reqwest::Client,
    free: Semaphore,
}

impl Proxy {
    /// Redirects are handed back as they are. A phone follows them by default, each hop within
    /// the domain list (uncertain); an API that needs it is better found out here. Cookies are not
    /// kept, as `wx.request` keeps none.
    #[expect(
        clippy::disallowed_methods,
        reason = "the phone is not the product: it has no transport to go through"
    )]
    pub(super) fn new() -> Self {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .http1_only()
            .user_agent(USER_AGENT)
            .build()
            .expect("these options are always lawful");
        Self {
            client,
            free: Semaphore::new(MAX_IN_FLIGHT),
        }
    }

    /// Sends, and reads so many bytes at most.
    pub(super) async fn fetch(&self, leave: Leave, most: usize) -> Result<Got, Failure> {
        let timeout = leave.timeout;
        // The wait for a free place counts: the phone's own clock is running.
        let whole = async {
            let _permit = self.free.acquire().await.map_err(|_| Failure::BrokenOff)?;
            self.exchange(leave, most).await
        };
        let timed = tokio::time::timeout(timeout, whole).await;
        timed.unwrap_or(Err(Failure::Timeout))
    }

    async fn exchange(&self, leave: Leave, most: usize) -> Result<Got, Failure> {
        let request = self.client.request(leave.method, leave.url);
        let request = request.headers(leave.headers).body(leave.body);
        let mut response = request.send().await.map_err(|error| why(&error))?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| why(&error))? {
            if body.len() + chunk.len() > most {
                return Err(Failure::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Got {
            status,
            headers,
            body,
        })
    }
}

fn why(error: &reqwest::Error) -> Failure {
    match (error.is_timeout(), error.is_connect()) {
        (true, _) => Failure::Timeout,
        (false, true) => Failure::NotConnected,
        (false, false) => Failure::BrokenOff,
    }
}

/// Where an address leads, and the `Host` that its server would see.
pub(super) fn admit(domains: &[PhoneDomain], address: &str) -> Result<(Url, HeaderValue), Failure> {
    let url = Url::parse(address).map_err(|_| Failure::InvalidUrl)?;
    let mut ways = domains.iter();
    let way = ways.find_map(|domain| Some((domain.lead(&url)?, domain.host())));
    let (url, host) = way.ok_or(Failure::NotInDomainList)?;
    let host = HeaderValue::from_str(host).map_err(|_| Failure::InvalidUrl)?;
    Ok((url, host))
}

impl Leave {
    /// A GET without anything.
    pub(super) fn plain(url: Url, host: HeaderValue, timeout: Duration) -> Self {
        Self {
            url,
            method: Method::GET,
            headers: HeaderMap::from_iter([(header::HOST, host)]),
            body: Bytes::new(),
            timeout,
        }
    }

    fn of(wish: &Wish, domains: &[PhoneDomain]) -> Result<Self, Failure> {
        let (url, host) = admit(domains, &wish.url)?;
        let mut headers = lawful_headers(&wish.header);
        headers.insert(header::HOST, host);
        let timeout = wish.timeout_ms.map(Duration::from_millis);
        let timeout = timeout.filter(|timeout| !timeout.is_zero());
        Ok(Self {
            url,
            method: wish.method()?,
            headers,
            body: wish.data.clone().unwrap_or_default().into(),
            timeout: timeout.unwrap_or(MAX_TIMEOUT).min(MAX_TIMEOUT),
        })
    }
}

impl Wish {
    fn name(&self) -> String {
        self.method.as_deref().unwrap_or("GET").to_ascii_uppercase()
    }

    fn method(&self) -> Result<Method, Failure> {
        let name = self.name();
        let known = METHODS.contains(&name.as_str());
        let method = Method::from_bytes(name.as_bytes()).ok();
        method.filter(|_| known).ok_or(Failure::InvalidMethod)
    }
}

/// The mini program's own headers. What is no lawful header is left out, as a phone does.
fn lawful_headers(wished: &Map<String, Value>) -> HeaderMap {
    let pair = |(name, value): (&String, &Value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        let own = !NOT_ITS_OWN.contains(&name.as_str());
        let value = HeaderValue::from_str(&value).ok().filter(|_| own)?;
        Some((name, value))
    };
    wished.iter().filter_map(pair).collect()
}

/// Answers 200 in any case: a request that fails is an ordinary thing for a mini program.
pub(super) async fn request(
    State(platform): State<Arc<Platform>>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let wish: Wish = read(&body)?;
    let leave = Leave::of(&wish, &platform.phone.domains);
    let sent = leave.as_ref().map(|leave| text_headers(&leave.headers));
    let asked = crate::story::Asked {
        method: wish.name(),
        target: wish.url.clone(),
        headers: sent.unwrap_or_default(),
        body: text(wish.data.as_deref().unwrap_or_default().as_bytes()),
    };
    let told = exchange::begin(&platform, wish.user.clone(), asked);
    let result = match leave {
        Ok(leave) => platform.phone.proxy.fetch(leave, MAX_ANSWER_BYTES).await,
        Err(failure) => Err(failure),
    };
    Ok(Json(match result {
        Ok(got) => {
            let headers = text_headers(&got.headers);
            exchange::answered(&platform, told, got.status, headers, &got.body);
            json!({
                "statusCode": got.status,
                "header": joined(&got.headers),
                "data": String::from_utf8_lossy(&got.body),
            })
        }
        Err(failure) => {
            exchange::failed(told, failure.words());
            json!({ "errMsg": format!("request:fail {}", failure.words()) })
        }
    }))
}

/// A name that comes several times, such as `set-cookie`, is one text with commas.
fn joined(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut all = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let text = all.entry(name.to_string()).or_default();
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&value);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mini_program_sets_its_own_headers_only() {
        let wished = json!({
            "Content-Type": "application/json", "X-N": 7, "Host": "evil.example",
            "Referer": "x", "Transfer-Encoding": "chunked", "bad name": "x", "X-List": [1],
            "X-Break": "a\r\nb",
        });
        let headers = lawful_headers(wished.as_object().unwrap());
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-type", "x-n"]);
    }

    #[test]
    fn an_address_is_judged_by_the_list() {
        let domains = ["https://shop.example=http://127.0.0.1:1"
            .parse::<PhoneDomain>()
            .unwrap()];
        let refused = |address| admit(&domains, address).unwrap_err();
        assert!(admit(&domains, "https://shop.example/a").is_ok());
        assert_eq!(refused("/a"), Failure::InvalidUrl);
        for address in [
            "http://shop.example/a",
            "https://other.example/",
            "file:///etc/passwd",
        ] {
            assert_eq!(refused(address), Failure::NotInDomainList, "{address}");
        }
    }
}
