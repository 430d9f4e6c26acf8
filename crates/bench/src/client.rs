//! A keep-alive HTTP/1.1 connection with as little work per call as the protocol allows, so that
//! the load generator takes few cycles from the server beside it.

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Answers of the server under load are a few hundred bytes; more is a defect worth stopping for.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// One connection and its read buffer.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A status and the body, borrowed from the connection's buffer.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection {
            stream,
            buffer: Vec::with_capacity(4096),
        })
    }

    /// Writes one request and reads its answer.
    pub(crate) async fn call(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if let Some(head) = Head::parse(&self.buffer)? {
                let end = head.body_start + head.content_length;
                if self.buffer.len() >= end {
                    let body = &self.buffer[head.body_start..end];
                    return Ok(Answer {
                        status: head.status,
                        body,
                    });
                }
            }
            if self.buffer.len() > MAX_ANSWER_BYTES {
                bail!("an answer of more than {MAX_ANSWER_BYTES} bytes");
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the server closed the connection in the middle of an answer");
            }
        }
    }
}

struct Head {
    status: u16,
    content_length: usize,
    body_start: usize,
}

impl Head {
    /// `None` until the blank line has arrived.
    fn parse(bytes: &[u8]) -> Result<Option<Head>> {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes[..end]).context("headers are not text")?;
        let mut lines = text.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .unwrap_or_default();
        let content_length = lines
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(Ok(0), |(_, value)| value.trim().parse())
            .context("content-length is not a number")?;
        let status = status.parse().context("the status line has no status")?;
        Ok(Some(Head {
            status,
            content_length,
            body_start: end + 4,
        }))
    }
}

/// The bytes of a request with a JSON body.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} {path} HTTP/1.1\r\nhost: bench\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    let length = body.len();
    bytes.extend_from_slice(
        format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n").as_bytes(),
    );
    bytes.extend_from_slice(body);
    bytes
}
