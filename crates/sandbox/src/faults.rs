//! What can be made to go wrong, on purpose.
//!
//! A script is a list; the first entry that fits an event is used up once and applied. The README
//! explains each kind.

use std::sync::{Mutex, MutexGuard};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::later;
use crate::platform::lock;

/// A script longer than this is a mistake.
pub(crate) const MAX_FAULTS: usize = 1000;

/// Where a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum On {
    /// Prepay of any product.
    Prepay,
    /// Query by either number.
    Query,
    /// Close.
    Close,
    /// Refund.
    Refund,
    /// Query of a refund.
    RefundQuery,
    /// Abnormal refund.
    AbnormalRefund,
    /// Application for a bill.
    Bill,
    /// Download of a bill.
    BillDownload,
    /// Certificate download.
    Certificates,
    /// Self test.
    Echo,
    /// `jscode2session`.
    Login,
    /// Access tokens of either kind.
    Token,
    /// A sending of a notification.
    Notification,
    /// Every call of the API; not notifications.
    Any,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// An answer with `status`, `code`, `message`. For login and token a numeric `code` is the
    /// `errcode` of a 200.
    Status,
    /// No answer; the connection stays open for `delay_ms` (default 60 s) and is cut.
    Timeout,
    /// A 502 (or `status`) with a page of HTML.
    Html,
    /// A right answer without `Wechatpay-*` headers.
    Unsigned,
    /// A right answer with a signature over something else.
    WrongSignature,
    /// A signature that begins with `WECHATPAY/SIGNTEST/`.
    Signtest,
    /// A signature under a serial that nobody knows.
    UnknownSerial,
    /// A rightly signed answer that is dated `delay_ms` (default an hour) ago.
    Stale,
    /// An application for a bill that is answered with another hash than the file's.
    WrongHash,
    /// A file that ends in its middle.
    Truncated,
    /// A notification that never arrives; it counts as failed.
    Lose,
    /// A notification that is sent twice, `delay_ms` (default 1 s) apart.
    Duplicate,
    /// A notification, or an answer, that comes `delay_ms` (default 10 s) late.
    Delay,
}

/// One entry of the script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Where.
    pub on: On,
    /// What.
    pub kind: Kind,
    /// HTTP status of `status` and `html`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Error code of `status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Error message of `status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// For `status`, `timeout`, `html`: the call takes effect first, only its answer is lost.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub after_effect: bool,
    /// How often; `null` is for ever.
    #[serde(default)]
    pub times: Option<u32>,
    /// Only for so many seconds of the machine's time from now on: what a person closes for a
    /// minute opens by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// Only every so many fitting events; the platform's own signature probes come like that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    /// See the kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// Only for this order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_trade_no: Option<String>,
}

/// The script in force.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Entry>>);

/// A fault, how many events it has let pass, and when it is over. `now` is always the wall's time.
#[derive(Debug)]
struct Entry {
    fault: Fault,
    passed: u32,
    /// In the machine's time.
    ends_at: Option<Timestamp>,
}

impl Entry {
    fn new(fault: Fault, now: Timestamp) -> Self {
        let ends_at = fault.seconds.map(|seconds| later(now, i64::from(seconds)));
        Self {
            fault,
            passed: 0,
            ends_at,
        }
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.fault.times == Some(0) || self.ends_at.is_some_and(|end| now >= end)
    }

    /// With what is left of it.
    fn left(&self, now: Timestamp) -> Fault {
        let left = |end: Timestamp| {
            let left = end.duration_since(now).as_millis().max(0);
            u32::try_from((left + 999) / 1000).unwrap_or(u32::MAX)
        };
        Fault {
            seconds: self.ends_at.map(left),
            ..self.fault.clone()
        }
    }

    /// Whether it strikes at an event that fits.
    fn strikes(&mut self) -> bool {
        self.passed += 1;
        let turn = self.passed >= self.fault.every.unwrap_or(1);
        if turn {
            self.passed = 0;
            self.fault.times = self.fault.times.map(|times| times.saturating_sub(1));
        }
        turn
    }
}

impl Fault {
    /// What is wrong with the entry itself.
    pub(crate) fn mistake(&self) -> Option<String> {
        let Self { on, kind, .. } = self;
        let for_notifications = matches!(kind, Kind::Lose | Kind::Duplicate);
        let for_answers = matches!(kind, Kind::Status | Kind::Timeout | Kind::Html);
        let notification = *on == On::Notification;
        if (for_notifications && !notification) || (for_answers && notification) {
            return Some(format!("kind {kind:?} does not go with on {on:?}").to_lowercase());
        }
        let is_bill = (*kind == Kind::WrongHash, *on == On::Bill);
        let is_download = (*kind == Kind::Truncated, *on == On::BillDownload);
        if [is_bill, is_download].contains(&(true, false)) {
            return Some(format!("kind {kind:?} does not go with on {on:?}").to_lowercase());
        }
        if self.after_effect && !for_answers {
            return Some(format!("after_effect means nothing for kind {kind:?}").to_lowercase());
        }
        if self.seconds == Some(0) {
            return Some("seconds is 1 or more".to_owned());
        }
        let lawful = |status: &u16| (200..=599).contains(status);
        (!self.status.as_ref().is_none_or(lawful)).then(|| "status is 200 to 599".to_owned())
    }

    fn fits(&self, on: On, out_trade_no: Option<&str>) -> bool {
        let here = self.on == on || (self.on == On::Any && on != On::Notification);
        let this = self
            .out_trade_no
            .as_deref()
            .is_none_or(|number| Some(number) == out_trade_no);
        here && this && self.times != Some(0)
    }
}

impl Faults {
    /// The script, with what is left of each entry.
    pub(crate) fn list(&self, now: Timestamp) -> Vec<Fault> {
        let mut script = self.lock();
        script.retain(|entry| !entry.is_over(now));
        script.iter().map(|entry| entry.left(now)).collect()
    }

    /// Puts another script in force.
    pub(crate) fn replace(&self, script: Vec<Fault>, now: Timestamp) {
        let entry = |fault| Entry::new(fault, now);
        *self.lock() = script.into_iter().map(entry).collect();
    }

    /// Adds to the script. `false` if it would become too long; then nothing was added.
    pub(crate) fn add(&self, more: Vec<Fault>, now: Timestamp) -> bool {
        let mut script = self.lock();
        script.retain(|entry| !entry.is_over(now));
        let fits = script.len() + more.len() <= MAX_FAULTS;
        if fits {
            script.extend(more.into_iter().map(|fault| Entry::new(fault, now)));
        }
        fits
    }

    /// The fault that strikes now, if any; it is used up once.
    pub(crate) fn take(&self, on: On, out_trade_no: Option<&str>, now: Timestamp) -> Option<Fault> {
        let mut script = self.lock();
        script.retain(|entry| !entry.is_over(now));
        let mut fitting = script
            .iter_mut()
            .filter(|entry| entry.fault.fits(on, out_trade_no));
        let taken = fitting.find_map(|entry| entry.strikes().then(|| entry.fault.clone()));
        script.retain(|entry| !entry.is_over(now));
        taken
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        lock(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Timestamp {
        "2026-03-01T12:00:00+08:00".parse().unwrap()
    }

    fn fault(text: &str) -> Fault {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_fault_strikes_as_often_as_it_says() {
        let faults = Faults::default();
        faults.replace(
            vec![
                fault(r#"{"on":"prepay","kind":"timeout","times":2}"#),
                fault(r#"{"on":"any","kind":"unsigned","times":null}"#),
            ],
            noon(),
        );
        let kinds: Vec<_> = (0..4)
            .map(|_| faults.take(On::Prepay, None, noon()).unwrap().kind)
            .collect();
        assert_eq!(
            kinds,
            [Kind::Timeout, Kind::Timeout, Kind::Unsigned, Kind::Unsigned]
        );
        assert!(faults.take(On::Notification, None, noon()).is_none());
        assert_eq!(faults.list(noon()).len(), 1);
    }

    #[test]
    fn a_fault_may_strike_every_third_time() {
        let faults = Faults::default();
        faults.replace(
            vec![fault(r#"{"on":"query","kind":"signtest","every":3}"#)],
            noon(),
        );
        let struck: Vec<_> = (0..6)
            .map(|_| faults.take(On::Query, None, noon()).is_some())
            .collect();
        assert_eq!(struck, [false, false, true, false, false, true]);
    }

    #[test]
    fn a_fault_may_last_for_seconds_only() {
        let faults = Faults::default();
        let minute = fault(r#"{"on":"any","kind":"status","seconds":60}"#);
        faults.replace(vec![minute.clone()], noon());
        assert!(faults.add(vec![fault(r#"{"on":"query","kind":"unsigned"}"#)], noon()));
        assert_eq!(faults.list(noon())[0], minute);
        let take = |seconds| {
            let then = later(noon(), seconds);
            faults.take(On::Query, None, then).unwrap().kind
        };
        assert_eq!(take(50), Kind::Status);
        assert_eq!(take(61), Kind::Unsigned);
        assert_eq!(faults.list(noon()).len(), 1);
        assert!(!faults.add(vec![minute; MAX_FAULTS], noon()));
    }

    #[test]
    fn a_fault_may_be_meant_for_one_order() {
        let faults = Faults::default();
        faults.replace(
            vec![fault(
                r#"{"on":"notification","kind":"lose","out_trade_no":"A"}"#,
            )],
            noon(),
        );
        assert!(faults.take(On::Notification, Some("B"), noon()).is_none());
        assert!(faults.take(On::Notification, None, noon()).is_none());
        assert!(faults.take(On::Notification, Some("A"), noon()).is_some());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let mistaken = |text| fault(text).mistake().is_some();
        assert!(mistaken(r#"{"on":"prepay","kind":"lose"}"#));
        assert!(mistaken(r#"{"on":"notification","kind":"html"}"#));
        assert!(mistaken(r#"{"on":"bill","kind":"truncated"}"#));
        assert!(mistaken(r#"{"on":"query","kind":"wrong_hash"}"#));
        assert!(mistaken(
            r#"{"on":"query","kind":"unsigned","after_effect":true}"#
        ));
        assert!(mistaken(r#"{"on":"query","kind":"status","status":99}"#));
        assert!(!mistaken(
            r#"{"on":"query","kind":"status","status":502,"after_effect":true}"#
        ));
        assert!(serde_json::from_str::<Fault>(r#"{"on":"query","kind":"x"}"#).is_err());
    }
}
