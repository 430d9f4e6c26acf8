//! One thing that happened on the wire, as a person reads it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::words::Words;
use crate::clock::{Clock, rfc3339};
use crate::faults;

/// Who speaks, and who is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Party {
    /// The mini program, and WeChat's client around it.
    Phone,
    /// The merchant's server.
    Server,
    /// WeChat.
    Platform,
    /// Whoever holds the switches.
    Operator,
}

/// What sort of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// `wx.login`.
    LoginCode,
    /// `wx.request`: the mini program asks the merchant's server.
    Request,
    /// The merchant's server asks WeChat.
    Api,
    /// The cashier on the phone.
    Cashier,
    /// One sending of a notification.
    Notification,
    /// Something changed at WeChat without anybody being told yet.
    State,
    /// A switch was turned.
    Switch,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It has not.
    Pending,
    /// As wished.
    Ok,
    /// With a clear no.
    Refused,
    /// With an answer that says nothing about what was done.
    Failed,
    /// Without an answer, or without arriving.
    Lost,
}

/// What came of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// It holds.
    Passed,
    /// It does not, or could not be looked at.
    Failed,
    /// Nothing is signed here.
    None,
}

/// Who signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Signer {
    /// With the merchant's private key.
    Merchant,
    /// With one of WeChat's.
    Platform,
}

/// What was asked.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Asked {
    /// GET, POST, …, or the name of the call on the phone.
    pub method: String,
    /// Path and query, or a whole address.
    pub target: String,
    /// As sent.
    pub headers: BTreeMap<String, String>,
    /// As sent, if it is text; at most 16 KiB.
    pub body: String,
}

/// What was answered.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Answered {
    /// HTTP status, where there is one.
    pub status: Option<u16>,
    /// As received.
    pub headers: BTreeMap<String, String>,
    /// As received; at most 16 KiB.
    pub body: String,
}

/// A string that was signed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Signed {
    /// Which one.
    pub what: Words,
    /// The exact text, line ends and all.
    pub text: String,
    /// By whom.
    pub signer: Signer,
}

/// One line of the story.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    /// Counts up with every beginning.
    pub id: u64,
    /// Counts up with every change of any entry; a cursor.
    pub revision: u64,
    /// Virtual time of the beginning.
    pub at: String,
    /// The machine's time of the beginning, in milliseconds since 1970.
    pub real_ms: i64,
    /// Milliseconds from beginning to end; `null` while it is under way.
    pub took_ms: Option<i64>,
    /// Who speaks.
    pub from: Party,
    /// To whom.
    pub to: Party,
    /// What sort of thing it is.
    pub kind: Kind,
    /// In a few words.
    pub title: Words,
    /// What happened and why, in one plain sentence or two.
    pub says: Option<Words>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whose phone.
    pub user: Option<String>,
    /// Which merchant.
    pub mchid: Option<String>,
    /// Which order.
    pub out_trade_no: Option<String>,
    /// Of kind `state`: the order's new `trade_state` at WeChat.
    pub trade_state: Option<&'static str>,
    /// Of kind `state`: the new `status` of a refund of the order.
    pub refund_status: Option<&'static str>,
    /// What came of the signature.
    pub verdict: Option<Verdict>,
    /// Why it does not hold, or what looks odd.
    pub causes: Vec<Words>,
    /// The fault that struck.
    pub fault: Option<faults::Kind>,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// What was asked.
    pub request: Option<Asked>,
    /// What was answered.
    pub answer: Option<Answered>,
    /// The strings that were signed.
    pub signed: Vec<Signed>,
    /// What was sealed in a notification.
    pub plaintext: Option<Value>,
}

impl Entry {
    /// Something that begins now; `at` is virtual time.
    pub(crate) fn new(
        at: Timestamp,
        kind: Kind,
        (from, to): (Party, Party),
        title: impl Into<Words>,
    ) -> Self {
        Self {
            id: 0,
            revision: 0,
            at: rfc3339(at),
            real_ms: Clock::real().as_millisecond(),
            took_ms: None,
            from,
            to,
            kind,
            title: title.into(),
            says: None,
            outcome: Outcome::Pending,
            user: None,
            mchid: None,
            out_trade_no: None,
            trade_state: None,
            refund_status: None,
            verdict: None,
            causes: Vec::new(),
            fault: None,
            status: None,
            request: None,
            answer: None,
            signed: Vec::new(),
            plaintext: None,
        }
    }
}
