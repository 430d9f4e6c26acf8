//! An answer on its way out.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::faults::{Fault, Kind};
use crate::ledger::Merchant;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::settings::Refusals;
use crate::sign::{Stamp, key_for_answer, stamp};

/// How long a call without an answer is held.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How late a late answer is.
const DELAY: Duration = Duration::from_secs(10);
/// Nothing is held longer, whatever the script says.
const LONGEST_HOLD: Duration = Duration::from_secs(600);
/// What a gateway in front of the platform says when the platform is away.
const HTML: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The mini-program host labels its JSON as text, which was seen (uncertain whether always).
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain");

/// How the platform labels a bill is uncertain.
const FILE: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// What the business logic says.
pub(crate) type Outcome = Result<Success, Refusal>;

/// A 2xx.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Success {
    /// 200 with JSON.
    Body(Vec<u8>),
    /// 200 with a file, which is not signed.
    File(Vec<u8>),
    /// 204.
    NoContent,
}

impl Success {
    /// 200 with JSON.
    pub(crate) fn json(body: &Value) -> Self {
        Self::Body(body.to_string().into_bytes())
    }
}

/// An answer on its way out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    /// HTTP status.
    pub status: u16,
    /// All headers but the length.
    pub headers: HeaderMap,
    /// Body bytes.
    pub body: Vec<u8>,
    /// The code of a refusal.
    pub code: Option<String>,
    /// What the signature was made over.
    pub signed_message: Option<String>,
    /// The fault that struck.
    pub fault: Option<Kind>,
    /// Whether the call took effect before the fault took its answer.
    pub after_effect: bool,
    /// How long it is kept back.
    pub hold: Duration,
}

impl Reply {
    /// A status and nothing else.
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// A 200 of the mini-program host.
    pub(crate) fn json(body: &Value) -> Self {
        let mut reply = Self::empty(200);
        reply.headers.insert(header::CONTENT_TYPE, PLAIN);
        reply.body = body.to_string().into_bytes();
        let code = body
            .get("errcode")
            .and_then(Value::as_i64)
            .filter(|code| *code != 0);
        reply.code = code.map(|code| code.to_string());
        reply
    }

    /// A refusal, signed if there is a stamp.
    pub(crate) fn refusal(
        chance: &Chance,
        refusal: &Refusal,
        signature: Option<HeaderMap>,
    ) -> Self {
        let mut reply = Self::empty(refusal.status);
        reply.headers = signature.unwrap_or_default();
        reply.headers.insert(header::CONTENT_TYPE, JSON);
        if refusal.traced {
            reply.headers.extend([request_id(chance, refusal.internal)]);
        }
        reply.code = Some(refusal.code.clone());
        reply.body = refusal.body();
        reply
    }

    /// A 2xx with its signature, if there is to be one.
    fn signed(chance: &Chance, status: u16, stamp: Option<Stamp>, body: Vec<u8>) -> Self {
        let mut reply = Self::empty(status);
        if let Some(stamp) = stamp {
            reply.headers = stamp.headers;
            reply.signed_message = Some(stamp.message);
        }
        reply.headers.extend([request_id(chance, 0)]);
        reply.body = body;
        reply
    }

    /// What business logic said, signed as the rules want it.
    pub(crate) fn of_business(
        platform: &Platform,
        merchant: &Merchant,
        wanted_serial: Option<&str>,
        outcome: Outcome,
        fault: Option<&Fault>,
    ) -> Self {
        let (kind, chance) = (key_for_answer(merchant, wanted_serial), &platform.chance);
        let sign = |body: &[u8]| stamp(platform, merchant, kind, body, fault);
        let reply = match outcome {
            Ok(Success::Body(body)) => {
                let body = touched_up(chance, body, fault);
                let mut reply = Self::signed(chance, 200, sign(&body), body);
                reply.headers.insert(header::CONTENT_TYPE, JSON);
                reply
            }
            Ok(Success::NoContent) => Self::signed(chance, 204, sign(&[]), Vec::new()),
            Ok(Success::File(bytes)) => file(chance, bytes, fault),
            Err(refusal) => {
                let signed =
                    refusal.in_business && platform.settings().refusals == Refusals::Signed;
                let stamp = signed.then(|| sign(&refusal.body())).flatten();
                let message = stamp.as_ref().map(|stamp| stamp.message.clone());
                let headers = stamp.map(|stamp| stamp.headers);
                Self {
                    signed_message: message,
                    ..Self::refusal(&platform.chance, &refusal, headers)
                }
            }
        };
        match fault {
            Some(fault) => reply.delayed(fault),
            None => reply,
        }
    }

    /// The answer that a fault puts in place of the right one; `None` if it only touches it up.
    pub(crate) fn instead(chance: &Chance, fault: &Fault) -> Option<Self> {
        let mut reply = match fault.kind {
            Kind::Status => error_answer(chance, fault),
            Kind::Html => {
                let mut reply = Self::empty(fault.status.unwrap_or(502));
                let html = HeaderValue::from_static("text/html");
                reply.headers.insert(header::CONTENT_TYPE, html);
                reply.body = HTML.as_bytes().to_vec();
                reply
            }
            Kind::Timeout => Self {
                hold: held(fault, TIMEOUT),
                ..Self::empty(504)
            },
            Kind::Unsigned
            | Kind::WrongSignature
            | Kind::Signtest
            | Kind::UnknownSerial
            | Kind::Stale
            | Kind::WrongHash
            | Kind::Truncated
            | Kind::Lose
            | Kind::Duplicate
            | Kind::Delay => return None,
        };
        reply.fault = Some(fault.kind);
        reply.after_effect = fault.after_effect;
        Some(reply)
    }

    /// By the clock that signatures are dated by: clients measure their own by this header.
    #[must_use]
    pub(crate) fn dated(mut self, now: Timestamp) -> Self {
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
        if let Some(date) = date.ok().and_then(|date| HeaderValue::try_from(date).ok()) {
            self.headers.insert(header::DATE, date);
        }
        self
    }

    /// Marks the fault, and keeps the answer back if that is what it does.
    #[must_use]
    pub(crate) fn delayed(mut self, fault: &Fault) -> Self {
        self.fault = Some(fault.kind);
        if fault.kind == Kind::Delay {
            self.hold = held(fault, DELAY);
        }
        self
    }
}

fn held(fault: &Fault, default: Duration) -> Duration {
    fault
        .delay_ms
        .map_or(default, Duration::from_millis)
        .min(LONGEST_HOLD)
}

fn error_answer(chance: &Chance, fault: &Fault) -> Reply {
    let code = fault.code.as_deref().unwrap_or("SYSTEM_ERROR");
    let message = fault.message.as_deref().unwrap_or("系统异常，请稍后重试");
    if let Ok(errcode) = code.parse::<i64>() {
        let body = json!({ "errcode": errcode, "errmsg": message });
        return Reply {
            status: fault.status.unwrap_or(200),
            ..Reply::json(&body)
        };
    }
    let refusal = Refusal::new(fault.status.unwrap_or(500), code, message, 0);
    Reply::refusal(chance, &refusal, None)
}

/// A file on its way out; a fault may cut it in the middle.
fn file(chance: &Chance, mut bytes: Vec<u8>, fault: Option<&Fault>) -> Reply {
    if fault.is_some_and(|fault| fault.kind == Kind::Truncated) {
        bytes.truncate(bytes.len() / 2);
    }
    let mut reply = Reply::empty(200);
    reply.headers.insert(header::CONTENT_TYPE, FILE);
    reply.headers.extend([request_id(chance, 0)]);
    reply.body = bytes;
    reply
}

/// The JSON of an answer; a fault may put a hash in it that is not the file's.
fn touched_up(chance: &Chance, body: Vec<u8>, fault: Option<&Fault>) -> Vec<u8> {
    if fault.is_none_or(|fault| fault.kind != Kind::WrongHash) {
        return body;
    }
    let mut json: Value = serde_json::from_slice(&body).unwrap_or_default();
    json["hash_value"] = json!(chance.hex(40));
    json.to_string().into_bytes()
}

/// `{id}-{internal number}`; the form of the id and the 0 of a success are uncertain.
fn request_id(chance: &Chance, internal: u32) -> (HeaderName, HeaderValue) {
    let text = format!("08{}-{internal}", chance.hex(42).to_uppercase());
    let value = HeaderValue::from_str(&text).expect("hex and digits are lawful");
    (HeaderName::from_static("request-id"), value)
}

impl Reply {
    /// As it goes out, in whatever form the body has there.
    pub(crate) fn into_http<B: From<Vec<u8>>>(self) -> Response<B> {
        let mut response = Response::new(B::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = self.headers;
        response
    }
}
