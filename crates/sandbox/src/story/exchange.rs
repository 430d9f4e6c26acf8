//! `wx.request`: between the mini program and the merchant's server. What they say is their own
//! affair; the story only points out what belongs to the protocol.

use std::collections::BTreeMap;

use super::words::{self, Words};
use super::{Answered, Asked, Entry, Kind, Outcome, Party, Telling, Verdict, link};
use crate::inspector::text;
use crate::platform::Platform;

/// The request leaves the phone.
pub(crate) fn begin(platform: &Platform, user: Option<String>, asked: Asked) -> Telling {
    let (_, rest) = asked.target.split_once("://").unwrap_or_default();
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let name = format!("{} {path}", asked.method);
    let parties = (Party::Phone, Party::Server);
    let now = platform.clock.now();
    let mut entry = Entry::new(now, Kind::Request, parties, (name.clone(), name));
    entry.says = says_of_asking(platform, &asked);
    entry.user = user;
    entry.verdict = Some(Verdict::None);
    entry.out_trade_no = link::order_among(platform, [&asked.target, &asked.body]);
    entry.request = Some(asked);
    platform.story.begin(entry)
}

/// The server answered.
pub(crate) fn answered(
    platform: &Platform,
    telling: Telling,
    status: u16,
    headers: BTreeMap<String, String>,
    body: &[u8],
) {
    let body = text(body);
    let holds_prepay = link::holds_prepay(platform, &body);
    let known = link::order_among(platform, [&body]);
    telling.end(|entry| {
        entry.outcome = match status {
            200..=399 => Outcome::Ok,
            400..=499 => Outcome::Refused,
            _ => Outcome::Failed,
        };
        entry.status = Some(status);
        entry.answer = Some(Answered {
            status: Some(status),
            headers,
            body,
        });
        entry.out_trade_no = entry.out_trade_no.take().or(known);
        if holds_prepay {
            entry.says = Some(words::FIVE_FIELDS.into());
        } else if status >= 500 {
            entry.says = Some(words::SERVER_FAILED.into());
        }
    });
}

/// Nothing came back.
pub(crate) fn failed(telling: Telling, failure: &'static str) {
    telling.end(|entry| {
        let (outcome, says) = match failure {
            "url not in domain list" => (Outcome::Refused, words::NOT_IN_DOMAIN_LIST),
            "timeout" => (Outcome::Lost, words::REQUEST_TIMEOUT),
            _ => (Outcome::Failed, words::NO_ANSWER),
        };
        entry.outcome = outcome;
        entry.says = Some(says.into());
        let body = format!("request:fail {failure}");
        entry.answer = Some(Answered {
            body,
            ..Answered::default()
        });
    });
}

fn says_of_asking(platform: &Platform, asked: &Asked) -> Option<Words> {
    link::holds_login_code(platform, &asked.body).then(|| words::CODE_TO_SERVER.into())
}
