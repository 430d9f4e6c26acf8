//! Remembers what was asked, what the platform signed over, and why it refused.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;

use crate::auth::{Cause, Judged, Verdict};
use crate::clock::rfc3339;
use crate::faults::Kind;
use crate::gateway::{Incoming, Reply};
use crate::platform::lock;

/// Calls that are remembered; the oldest go first.
const MAX_RECORDS: usize = 500;
/// How much of a body is kept.
const MAX_TEXT_BYTES: usize = 16 * 1024;

/// One call.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Record {
    /// Counts up from 1; a cursor.
    pub id: u64,
    /// Virtual time.
    pub at: String,
    /// GET, POST, …
    pub method: String,
    /// Path and query as received.
    pub target: String,
    /// As received.
    pub headers: BTreeMap<String, String>,
    /// As received, if it is text; at most 16 KiB.
    pub body: String,
    /// Whom the request names.
    pub mchid: Option<String>,
    /// What came of the signature.
    pub verdict: Verdict,
    /// What the platform signed over.
    pub string_to_sign: Option<String>,
    /// Why the signature does not hold, or what looks odd in a call that passed.
    pub causes: Vec<Cause>,
    /// The fault that struck.
    pub fault: Option<Kind>,
    /// HTTP status of the answer.
    pub status: u16,
    /// The code in a refusal.
    pub code: Option<String>,
    /// Headers of the answer.
    pub answer_headers: BTreeMap<String, String>,
    /// Body of the answer; at most 16 KiB.
    pub answer: String,
    /// What the answer's signature was made over.
    pub answer_string_to_sign: Option<String>,
}

/// The ring of calls.
#[derive(Debug, Default)]
pub(crate) struct Inspector(Mutex<Ring>);

#[derive(Debug, Default)]
struct Ring {
    last_id: u64,
    records: VecDeque<Record>,
}

impl Record {
    /// The half that is known before the call is understood.
    pub(crate) fn of(incoming: &Incoming, now: Timestamp) -> Self {
        Self {
            at: rfc3339(now),
            method: incoming.method.to_string(),
            target: incoming.target.clone(),
            headers: text_headers(&incoming.headers),
            body: text(&incoming.body),
            ..Self::default()
        }
    }

    /// What came of the signature.
    pub(crate) fn note(&mut self, judged: &Judged) {
        self.mchid.clone_from(&judged.mchid);
        self.verdict = judged.verdict;
        self.string_to_sign = judged.sign_message.as_deref().map(text);
        self.causes.clone_from(&judged.causes);
    }

    /// The other half.
    pub(crate) fn finish(&mut self, reply: &Reply) {
        self.status = reply.status;
        self.code.clone_from(&reply.code);
        self.answer_headers = text_headers(&reply.headers);
        self.answer = text(&reply.body);
        self.answer_string_to_sign.clone_from(&reply.signed_message);
        self.fault = reply.fault;
    }
}

impl Inspector {
    /// Keeps a record.
    pub(crate) fn keep(&self, mut record: Record) {
        let mut ring = lock(&self.0);
        ring.last_id += 1;
        record.id = ring.last_id;
        if ring.records.len() >= MAX_RECORDS {
            ring.records.pop_front();
        }
        ring.records.push_back(record);
    }

    /// Records after an id, oldest first.
    pub(crate) fn after(&self, id: u64) -> Vec<Record> {
        lock(&self.0)
            .records
            .iter()
            .filter(|record| record.id > id)
            .cloned()
            .collect()
    }

    /// Forgets all, but goes on counting, so that a cursor never meets an old id again.
    pub(crate) fn clear(&self) {
        lock(&self.0).records.clear();
    }
}

/// Headers as text.
pub(crate) fn text_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect()
}

/// A body as text, as much as is kept.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_TEXT_BYTES)]).into_owned()
}
