//! JSON over HTTP on the loopback, and no more than that. A real client would cost the first build
//! of a fresh clone two minutes.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;

/// Longer than the server waits for WeChat, so that its own answer arrives first.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The largest answer of the demo is a page of notifications.
const MAX_ANSWER_BYTES: u64 = 8 * 1024 * 1024;

/// One program at one port.
#[derive(Clone, Copy)]
pub(crate) struct Host(pub(crate) u16);

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Host {
    pub(crate) fn url(self) -> String {
        format!("http://127.0.0.1:{}", self.0)
    }

    pub(crate) fn get(self, path: &str, headers: &[(&str, &str)]) -> anyhow::Result<Answer> {
        self.call("GET", path, headers, None)
    }

    pub(crate) fn send(
        self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> anyhow::Result<Answer> {
        self.call(method, path, headers, Some(body))
    }

    fn call(
        self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> anyhow::Result<Answer> {
        let place = || format!("{method} {}{path}", self.url());
        let request = request_text(method, path, self.0, headers, body);
        let bytes = self.exchange(&request).with_context(place)?;
        parse_answer(&bytes).with_context(place)
    }

    fn exchange(self, request: &str) -> anyhow::Result<Vec<u8>> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.0));
        let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(MAX_ANSWER_BYTES).read_to_end(&mut answer)?;
        Ok(answer)
    }
}

impl Answer {
    /// The body, when the status is a success.
    pub(crate) fn ok(self) -> anyhow::Result<Value> {
        if !(200..300).contains(&self.status) {
            bail!("answered {}: {}", self.status, self.body);
        }
        Ok(self.body)
    }
}

/// HTTP/1.0: the answer ends when the connection does, and is never sent in chunks.
fn request_text(
    method: &str,
    path: &str,
    port: u16,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> String {
    let mut text = format!("{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    if !body.is_empty() {
        text.push_str("Content-Type: application/json\r\n");
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    text
}

fn parse_answer(bytes: &[u8]) -> anyhow::Result<Answer> {
    let text = std::str::from_utf8(bytes).context("the answer is not UTF-8")?;
    let (head, body) = text
        .split_once("\r\n\r\n")
        .context("the answer has no end of headers")?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let body = match body.trim() {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
    };
    Ok(Answer {
        status: status.context("the answer has no status")?,
        body,
    })
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_and_its_answer() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = Host(listener.local_addr().unwrap().port());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = vec![0; 4_096];
            let length = stream.read(&mut request).unwrap();
            stream
                .write_all(b"HTTP/1.0 201 Created\r\nA: b\r\n\r\n{\"x\":1}")
                .unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let answer = host
            .send("POST", "/a?b", &[("Key", "k")], &json!({"q": 2}))
            .unwrap();
        assert_eq!((answer.status, answer.body), (201, json!({"x": 1})));
        let request = server.join().unwrap();
        assert!(request.starts_with("POST /a?b HTTP/1.0\r\n"), "{request}");
        assert!(request.contains("\r\nKey: k\r\n") && request.ends_with("\r\n\r\n{\"q\":2}"));
    }

    #[test]
    fn a_refusal_is_an_error_that_says_why() {
        let answer = parse_answer(b"HTTP/1.1 409 Conflict\r\n\r\n{\"code\":\"NO\"}").unwrap();
        assert_eq!(
            answer.ok().unwrap_err().to_string(),
            "answered 409: {\"code\":\"NO\"}"
        );
    }
}
