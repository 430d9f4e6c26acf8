//! The merchant's server calls WeChat: what the inspector recorded, told.

use std::time::Duration;

use super::api_words::{says, title};
use super::words::Words;
use super::{Answered, Asked, Entry, Kind, Outcome, Party, Signed, Signer, Telling, link};
use super::{Verdict, words};
use crate::auth;
use crate::faults;
use crate::gateway::{Call, Incoming, Reply};
use crate::inspector::Record;
use crate::platform::Platform;

/// The call arrives.
pub(crate) fn begin(
    platform: &Platform,
    call: Option<&Call>,
    incoming: &Incoming,
    number: Option<String>,
    record: &Record,
) -> Telling {
    let parties = (Party::Server, Party::Platform);
    let now = platform.clock.now();
    let mut entry = Entry::new(now, Kind::Api, parties, title(call));
    entry.request = Some(Asked {
        method: record.method.clone(),
        target: record.target.clone(),
        headers: record.headers.clone(),
        body: record.body.clone(),
    });
    entry.out_trade_no = number;
    if call == Some(&Call::CodeToSession) {
        let code = incoming.query_value("js_code").unwrap_or_default();
        let ledger = platform.ledger();
        entry.user = ledger.codes.person_of(&code).map(str::to_owned);
    }
    platform.story.begin(entry)
}

/// The platform has made up its mind. An answer that is held back leaves the entry open.
pub(crate) fn judged(
    platform: &Platform,
    telling: &Telling,
    (call, number): (Option<&Call>, Option<String>),
    record: &Record,
    reply: &Reply,
) {
    let texts = [&record.target, &record.body, &record.answer];
    let number = link::order_among(platform, texts).or(number);
    let payer = link::payer(platform, number.as_deref());
    telling.change(|entry| {
        entry.mchid.clone_from(&record.mchid);
        entry.verdict = Some(verdict(record.verdict));
        entry.causes = record.causes.iter().map(Words::from).collect();
        entry.fault = record.fault;
        entry.signed = signed(record);
        entry.says = says(call, record, reply);
        entry.out_trade_no = number;
        entry.user = entry.user.take().or(payer);
        if reply.hold == Duration::ZERO {
            answered(entry, record);
        }
    });
}

/// The answer leaves.
pub(crate) fn end(telling: Telling, record: &Record) {
    telling.end(|entry| answered(entry, record));
}

fn answered(entry: &mut Entry, record: &Record) {
    entry.outcome = outcome(record);
    entry.status = Some(record.status);
    entry.answer = Some(Answered {
        status: Some(record.status),
        headers: record.answer_headers.clone(),
        body: record.answer.clone(),
    });
}

fn outcome(record: &Record) -> Outcome {
    match (record.fault, record.status, &record.code) {
        (Some(faults::Kind::Timeout), ..) => Outcome::Lost,
        (_, 500.., _) => Outcome::Failed,
        (_, 200..=299, None) => Outcome::Ok,
        _ => Outcome::Refused,
    }
}

fn verdict(verdict: auth::Verdict) -> Verdict {
    match verdict {
        auth::Verdict::Valid => Verdict::Passed,
        auth::Verdict::NotChecked => Verdict::None,
        auth::Verdict::NoAgent
        | auth::Verdict::BadHeader
        | auth::Verdict::WrongScheme
        | auth::Verdict::StaleTimestamp
        | auth::Verdict::UnknownMerchant
        | auth::Verdict::MerchantNotReady
        | auth::Verdict::WrongSerial
        | auth::Verdict::BadSignature => Verdict::Failed,
    }
}

fn signed(record: &Record) -> Vec<Signed> {
    let one = |what: (&'static str, &'static str), text: &Option<String>, signer| {
        text.clone().map(|text| Signed {
            what: what.into(),
            text,
            signer,
        })
    };
    let asked = one(
        words::SIGNED_REQUEST,
        &record.string_to_sign,
        Signer::Merchant,
    );
    let answered = &record.answer_string_to_sign;
    let answered = one(words::SIGNED_ANSWER, answered, Signer::Platform);
    asked.into_iter().chain(answered).collect()
}
