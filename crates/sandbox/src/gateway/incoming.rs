//! A request as it came, before anything was understood.

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{HeaderMap, Method, Request};

/// No documented request comes near a megabyte.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The raw request. Path and query stay as they were sent, because they were signed so.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    /// GET, POST, …
    pub method: Method,
    /// Path and query, percent-encoding included.
    pub target: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The exact body bytes.
    pub body: Bytes,
}

impl Incoming {
    /// Reads the body. `None` if it is too long or breaks off.
    pub(crate) async fn read(request: Request<Body>) -> Option<Self> {
        let (head, body) = request.into_parts();
        let body = to_bytes(body, MAX_BODY_BYTES).await.ok()?;
        Some(Self::of(Request::from_parts(head, body)))
    }

    /// A request whose body is at hand.
    pub(crate) fn of(request: Request<Bytes>) -> Self {
        let (head, body) = request.into_parts();
        let target = head.uri.path_and_query();
        Self {
            method: head.method,
            target: target.map_or("/", |target| target.as_str()).to_owned(),
            headers: head.headers,
            body,
        }
    }

    /// The path as sent.
    pub(crate) fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The query as sent.
    pub(crate) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// A header as text; `None` also when it is not text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The decoded query, in order.
    pub(crate) fn query_pairs(&self) -> Vec<(String, String)> {
        let pairs = self.query().split('&').filter(|pair| !pair.is_empty());
        let split = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_decode(name), percent_decode(value))
        };
        pairs.map(split).collect()
    }

    /// The first value of a query parameter.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        self.query_pairs()
            .into_iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }
}

/// Decodes `%41`; what is not hex stays as it is, and so does `+`.
pub(crate) fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        let pair = (first == b'%').then(|| tail.get(..2)).flatten();
        match pair.and_then(|pair| hex::decode(pair).ok()) {
            Some(byte) => {
                decoded.extend(byte);
                rest = &tail[2..];
            }
            None => {
                decoded.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs_are_decoded_where_they_are_escapes() {
        assert_eq!(percent_decode("a%7Cb%2a%"), "a|b*%");
        assert_eq!(percent_decode("%zz%4"), "%zz%4");
        assert_eq!(percent_decode("%E7%9B%98"), "盘");
    }
}
