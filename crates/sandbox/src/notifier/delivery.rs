//! One sending: a fault perhaps, a fresh signature, five seconds, and a line in the book.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::SignedDuration;
use reqwest::redirect::Policy;
use tracing::info;

use super::book::{Attempt, Course, Due, Notice, NoticeState};
use super::{MAX_ANSWER_BYTES, Notifier};
use crate::chance::Chance;
use crate::faults::{Fault, Kind, On};
use crate::inspector::text_headers;
use crate::platform::{Platform, lock};
use crate::sign::{Stamp, key_for_notification, stamp};
use crate::story::notices;

/// What WeChat's sender calls itself is uncertain; this was seen.
const USER_AGENT: &str = "Mozilla/4.0";
/// What stands in the book for a sending that a fault made away with.
pub(super) const LOST: &str = "lost on the way, by a fault";
/// How far apart duplicates are, as seen.
const DUPLICATE_GAP: Duration = Duration::from_secs(1);
/// How late a late notification is.
const DELAY: Duration = Duration::from_secs(10);

/// What a sending leaves behind besides its line in the book.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// What the signature was made over.
    pub signed_message: Option<String>,
    /// Of the merchant's answer.
    pub answer_headers: BTreeMap<String, String>,
}

/// The sender: no redirects, a limit on the whole exchange, and header names with capitals as the
/// documentation spells them, because some receivers look them up letter by letter.
#[expect(
    clippy::disallowed_methods,
    reason = "the platform is not the product: it has no transport to go through"
)]
pub(super) fn client(timeout: Duration) -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .timeout(timeout)
        .no_proxy()
        .http1_only()
        .http1_title_case_headers()
        .user_agent(USER_AGENT)
        .build()
        .expect("these options are always lawful")
}

/// Sends, or does what a fault wants instead.
pub(super) async fn send(platform: &Platform, due: &Due) {
    let notifier = &platform.notifier;
    let Some(notice) = notifier.get(&due.id) else {
        return;
    };
    let Some(fault) = strike(platform, due, &notice) else {
        return notices::put_off(platform, &notice);
    };
    let told = notices::begin(platform, &notice, fault.as_ref().map(|fault| fault.kind));
    let (attempt, sent) = attempt(platform, &notice, fault.as_ref()).await;
    info!(
        mchid = notice.mchid,
        id = notice.id,
        out_trade_no = notice.out_trade_no,
        fault = fault.map(|fault| tracing::field::debug(fault.kind)),
        error = attempt.error.as_deref().unwrap_or("-"),
        "notification {} -> {}",
        notice.event_type,
        attempt
            .status
            .map_or_else(|| "no answer".to_owned(), |status| status.to_string()),
    );
    lock(&notifier.book).settle(due, attempt.clone());
    let after = notifier.get(&due.id);
    notices::end(told, &sent, &attempt, after.as_ref());
    let ended = |notice: &Notice| notice.state == NoticeState::GivenUp;
    if after.as_ref().is_some_and(ended) && !ended(&notice) {
        notices::given_up(platform, &notice);
    }
}

/// The fault that strikes a sending, if one does. `None`: it put the sending off.
pub(super) fn strike(platform: &Platform, due: &Due, notice: &Notice) -> Option<Option<Fault>> {
    let notifier = &platform.notifier;
    let take = || {
        let number = Some(notice.out_trade_no.as_str());
        let now = platform.clock.wall();
        platform.faults.take(On::Notification, number, now)
    };
    let fault = due.course.is_open_to_faults().then(take).flatten();
    match fault.as_ref().map(|fault| fault.kind) {
        Some(Kind::Delay) => {
            notifier.book_later(due, fault.as_ref(), DELAY, due.course.put_off());
            return None;
        }
        Some(Kind::Duplicate) => {
            notifier.book_later(due, fault.as_ref(), DUPLICATE_GAP, Course::Extra);
        }
        _ => {}
    }
    Some(fault)
}

impl Notifier {
    fn book_later(&self, due: &Due, fault: Option<&Fault>, default: Duration, course: Course) {
        let gap = fault
            .and_then(|fault| fault.delay_ms)
            .map_or(default, Duration::from_millis);
        let gap = SignedDuration::try_from(gap).unwrap_or(SignedDuration::MAX);
        let at = due.at.saturating_add(gap).unwrap_or(jiff::Timestamp::MAX);
        lock(&self.book).book(&due.id, at, course);
    }
}

async fn attempt(platform: &Platform, notice: &Notice, fault: Option<&Fault>) -> (Attempt, Sent) {
    let mut sent = Sent::default();
    let mut attempt = Attempt::at(platform.clock.now(), fault);
    if attempt.fault == Some(Kind::Lose) {
        attempt.error = Some(LOST.to_owned());
        return (attempt, sent);
    }
    let stamp = sign(platform, notice, fault);
    sent.signed_message = stamp.as_ref().map(|stamp| stamp.message.clone());
    let headers = headers(&platform.chance, stamp);
    attempt.headers = text_headers(&headers);
    match post(platform, notice, headers).await {
        Ok((status, headers, answer)) => {
            sent.answer_headers = headers;
            attempt.status = Some(status);
            attempt.answer = Some(answer);
        }
        Err(error) => attempt.error = Some(in_words(&error)),
    }
    (attempt, sent)
}

pub(super) fn sign(platform: &Platform, notice: &Notice, fault: Option<&Fault>) -> Option<Stamp> {
    let merchant = platform.ledger().merchants.get(&notice.mchid).cloned()?;
    let kind = key_for_notification(&merchant, platform.notifier.next_turn());
    stamp(platform, &merchant, kind, notice.body.as_bytes(), fault)
}

pub(super) fn headers(chance: &Chance, stamp: Option<Stamp>) -> HeaderMap {
    let mut headers = stamp.map(|stamp| stamp.headers).unwrap_or_default();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    let id = format!("08{}-0", chance.hex(42).to_uppercase());
    let id = HeaderValue::from_str(&id).expect("hex and digits are lawful");
    headers.insert(HeaderName::from_static("request-id"), id);
    headers
}

async fn post(
    platform: &Platform,
    notice: &Notice,
    headers: HeaderMap,
) -> Result<(u16, BTreeMap<String, String>, String), reqwest::Error> {
    let request = platform
        .notifier
        .client()
        .post(&notice.url)
        .headers(headers);
    let mut response = request.body(notice.body.clone()).send().await?;
    let status = response.status().as_u16();
    let headers = text_headers(response.headers());
    let mut answer = Vec::new();
    while answer.len() < MAX_ANSWER_BYTES
        && let Some(chunk) = response.chunk().await?
    {
        answer.extend_from_slice(&chunk);
    }
    answer.truncate(MAX_ANSWER_BYTES);
    Ok((
        status,
        headers,
        String::from_utf8_lossy(&answer).into_owned(),
    ))
}

fn in_words(error: &reqwest::Error) -> String {
    let what = match (error.is_timeout(), error.is_connect()) {
        (true, _) => "no answer in time",
        (false, true) => "could not connect",
        (false, false) => "the exchange broke off",
    };
    let source = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    format!("{what}: {source}")
}
