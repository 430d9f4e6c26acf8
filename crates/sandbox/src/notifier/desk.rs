//! Notifications for those who carry them themselves: signed and handed over, with a line in the
//! book when they say what came of it.

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;

use super::book::{Attempt, Due, Notice};
use super::delivery::{LOST, headers, sign, strike};
use crate::faults::{Fault, Kind};
use crate::platform::{Platform, lock};
use crate::refunds;

/// A notification on its way out. It is no clone of itself, so that it is answered once.
#[derive(Debug)]
pub struct Outgoing {
    /// The same in every sending.
    pub id: String,
    /// The order it is about.
    pub out_trade_no: String,
    /// `TRANSACTION.SUCCESS`, `REFUND.SUCCESS`, …
    pub event_type: String,
    /// Where it goes, by POST.
    pub url: String,
    /// With the signature of this sending.
    pub headers: HeaderMap,
    /// The exact body, the same in every sending.
    pub body: Bytes,
    due: Due,
    fault: Option<Fault>,
}

/// Settles the refunds that are due by now, and takes what is to be sent first.
pub(crate) fn take_due(platform: &Platform) -> Option<Outgoing> {
    let now = platform.clock.now();
    // Each turn takes one entry off an agenda, and a fault that puts one back puts it later.
    loop {
        while refunds::settle_one(platform, now) {}
        let due = lock(&platform.notifier.book).take_due(now)?;
        if let Some(outgoing) = hand_over(platform, due, now) {
            return Some(outgoing);
        }
    }
}

/// One sending more of a notification, signed anew, whatever came of it before.
pub(crate) fn copy_of(platform: &Platform, id: &str) -> Option<Outgoing> {
    let notice = platform.notifier.get(id)?;
    let due = Due::by_hand(id, platform.clock.now());
    Some(signed(platform, &notice, due, None))
}

/// Writes down what the merchant answered; `None` is no answer at all.
pub(crate) fn answered(platform: &Platform, outgoing: Outgoing, status: Option<u16>) {
    let Outgoing { due, fault, .. } = outgoing;
    let attempt = Attempt {
        status,
        ..Attempt::at(platform.clock.now(), fault.as_ref())
    };
    lock(&platform.notifier.book).settle(&due, attempt);
}

/// `None` if a fault keeps it back, or the notification has been forgotten.
fn hand_over(platform: &Platform, due: Due, now: Timestamp) -> Option<Outgoing> {
    let notice = platform.notifier.get(&due.id)?;
    let fault = strike(platform, &due, &notice)?;
    if fault.as_ref().is_some_and(|fault| fault.kind == Kind::Lose) {
        let attempt = Attempt {
            error: Some(LOST.to_owned()),
            ..Attempt::at(now, fault.as_ref())
        };
        lock(&platform.notifier.book).settle(&due, attempt);
        return None;
    }
    Some(signed(platform, &notice, due, fault))
}

fn signed(platform: &Platform, notice: &Notice, due: Due, fault: Option<Fault>) -> Outgoing {
    let stamp = sign(platform, notice, fault.as_ref());
    Outgoing {
        id: notice.id.clone(),
        out_trade_no: notice.out_trade_no.clone(),
        event_type: notice.event_type.clone(),
        url: notice.url.clone(),
        headers: headers(&platform.chance, stamp),
        body: Bytes::from(notice.body.clone()),
        due,
        fault,
    }
}
