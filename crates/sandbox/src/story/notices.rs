//! WeChat tells the merchant's server that somebody paid: one entry per sending.

use super::words::{self, Words};
use super::{Answered, Asked, Entry, Kind, Outcome, Party, Signed, Signer, Telling};
use super::{link, refund_words};
use crate::faults::Kind as Fault;
use crate::notifier::{Attempt, Notice, NoticeState, Sent};
use crate::platform::Platform;

/// A sending begins.
pub(crate) fn begin(platform: &Platform, notice: &Notice, fault: Option<Fault>) -> Telling {
    let turn = notice.attempts.len() + 1;
    let (zh, en) = match notice.out_refund_no {
        Some(_) => refund_words::NOTICE,
        None => words::PAYMENT_NOTICE,
    };
    let title: Words = match turn {
        1 => (zh, en).into(),
        _ => (
            format!("{zh}（第 {turn} 次）"),
            format!("{en} (sending {turn})"),
        )
            .into(),
    };
    let mut entry = about(platform, notice, Kind::Notification, title);
    entry.to = Party::Server;
    entry.says = Some(words::NOTIFICATION.into());
    entry.fault = fault;
    entry.plaintext = Some(notice.plaintext.clone());
    entry.request = Some(Asked {
        method: "POST".to_owned(),
        target: notice.url.clone(),
        body: notice.body.clone(),
        ..Asked::default()
    });
    platform.story.begin(entry)
}

/// It has arrived, or not. `after` is the notification with this sending in its book.
pub(crate) fn end(telling: Telling, sent: &Sent, attempt: &Attempt, after: Option<&Notice>) {
    telling.end(|entry| {
        entry.outcome = outcome(attempt);
        entry.status = attempt.status;
        if let Some(request) = &mut entry.request {
            request.headers.clone_from(&attempt.headers);
        }
        entry.signed = sent
            .signed_message
            .as_deref()
            .map(signed)
            .into_iter()
            .collect();
        entry.answer = attempt.status.map(|status| Answered {
            status: Some(status),
            headers: sent.answer_headers.clone(),
            body: attempt.answer.clone().unwrap_or_default(),
        });
        if let Some(error) = attempt
            .error
            .as_ref()
            .filter(|_| attempt.fault != Some(Fault::Lose))
        {
            entry.causes = vec![(error.clone(), error.clone()).into()];
        }
        entry.says = Some(says(attempt, after));
    });
}

/// A fault puts a sending off; there is nothing on the wire yet.
pub(crate) fn put_off(platform: &Platform, notice: &Notice) {
    let title = ("通知被推迟", "Notification put off");
    let mut entry = about(platform, notice, Kind::State, title.into());
    entry.outcome = Outcome::Ok;
    entry.fault = Some(Fault::Delay);
    entry.says = Some(words::PUT_OFF.into());
    platform.story.tell(entry);
}

/// The ladder of resends has ended.
pub(crate) fn given_up(platform: &Platform, notice: &Notice) {
    let title = ("微信不再通知", "WeChat gives up notifying");
    let mut entry = about(platform, notice, Kind::State, title.into());
    entry.outcome = Outcome::Failed;
    entry.says = Some(words::GIVEN_UP.into());
    platform.story.tell(entry);
}

fn about(platform: &Platform, notice: &Notice, kind: Kind, title: Words) -> Entry {
    let parties = (Party::Platform, Party::Platform);
    let mut entry = Entry::new(platform.clock.now(), kind, parties, title);
    entry.mchid = Some(notice.mchid.clone());
    entry.out_trade_no = Some(notice.out_trade_no.clone());
    entry.user = link::payer(platform, Some(&notice.out_trade_no));
    entry
}

fn outcome(attempt: &Attempt) -> Outcome {
    match (attempt.fault, attempt.status) {
        (Some(Fault::Lose), _) => Outcome::Lost,
        (_, Some(200 | 204)) => Outcome::Ok,
        (_, Some(400..=499)) => Outcome::Refused,
        _ => Outcome::Failed,
    }
}

fn signed(text: &str) -> Signed {
    Signed {
        what: words::SIGNED_NOTIFICATION.into(),
        text: text.to_owned(),
        signer: Signer::Platform,
    }
}

fn says(attempt: &Attempt, after: Option<&Notice>) -> Words {
    let forged = matches!(
        attempt.fault,
        Some(
            Fault::Unsigned
                | Fault::WrongSignature
                | Fault::Signtest
                | Fault::UnknownSerial
                | Fault::Stale
        )
    );
    match (attempt.succeeded(), forged) {
        (true, true) => return words::FORGERY_ACCEPTED.into(),
        (false, true) if attempt.status.is_some() => return words::FORGERY_REFUSED.into(),
        (true, false) => return words::RECEIVED.into(),
        _ => {}
    }
    let next = after.and_then(|notice| notice.next_at.as_deref());
    let ended = after.is_some_and(|notice| notice.state != NoticeState::Waiting);
    let (zh, en) = match attempt.fault {
        Some(Fault::Lose) => words::LOST,
        _ if attempt.status.is_some() => words::NOT_RECEIVED,
        _ => words::NOT_REACHED,
    };
    match next.filter(|_| !ended) {
        Some(at) => (
            format!("{zh}微信将在 {} 再发一次。", clock_part(at)),
            format!("{en} WeChat sends it again at {}.", clock_part(at)),
        )
            .into(),
        None => (zh, en).into(),
    }
}

/// The time of day out of `2026-11-24T10:00:00+08:00`.
fn clock_part(at: &str) -> &str {
    at.get(11..19).unwrap_or(at)
}
