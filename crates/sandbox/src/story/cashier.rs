//! The mini program opens the cashier, and a person pays or leaves.

use serde_json::{Value, json};

use super::words::{self, Words};
use super::{Answered, Asked, Entry, Kind, Outcome, Party, Signed, Signer, Verdict, link};
use crate::ledger::Visit;
use crate::platform::Platform;

/// The fields that `wx.requestPayment` has on the phone.
const FIELDS: [&str; 5] = ["timeStamp", "nonceStr", "package", "signType", "paySign"];

/// What came of a step at the cashier.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// It opened.
    Opened,
    /// It did not, and why.
    NotOpened(Words),
    /// Paid.
    Paid,
    /// Not paid, and why.
    NotPaid(Words),
    /// The person left.
    Left,
}

/// `wx.login`.
pub(crate) fn login(platform: &Platform, appid: &str, user: &str, code: &str) {
    let title = ("wx.login 取 code", "wx.login gets a code");
    let mut entry = told(platform, Kind::LoginCode, title.into());
    entry.user = Some(user.to_owned());
    entry.outcome = Outcome::Ok;
    entry.verdict = Some(Verdict::None);
    entry.says = Some(words::LOGIN_CODE.into());
    entry.request = Some(call("wx.login", &json!({ "appid": appid })));
    entry.answer = Some(reply(&json!({ "errMsg": "login:ok", "code": code })));
    platform.story.tell(entry);
}

/// `wx.requestPayment` with its five fields.
pub(crate) fn request_payment(
    platform: &Platform,
    parameters: &Value,
    (verdict, signed): (Verdict, Option<String>),
    step: Step,
    answer: &Value,
) {
    let title = ("调起收银台", "Open the cashier");
    let mut entry = told(platform, Kind::Cashier, title.into());
    let fields = FIELDS.iter().filter_map(|name| {
        let value = parameters.get(*name)?;
        Some(((*name).to_owned(), value.clone()))
    });
    entry.user = parameters["user"].as_str().map(str::to_owned);
    entry.request = Some(call("wx.requestPayment", &Value::Object(fields.collect())));
    entry.answer = Some(reply(answer));
    entry.verdict = Some(verdict);
    entry.signed = Vec::from_iter(signed.map(|text| Signed {
        what: words::SIGNED_PAYMENT.into(),
        text,
        signer: Signer::Merchant,
    }));
    let texts = entry.request.iter().map(|request| &request.body);
    entry.out_trade_no = link::order_among(platform, texts);
    if let (Verdict::Failed, Step::NotOpened(why)) = (verdict, &step) {
        entry.causes = vec![why.clone()];
    }
    settle(&mut entry, step);
    if verdict == Verdict::Failed {
        entry.says = Some(words::PAY_SIGN_FAILED.into());
    }
    platform.story.tell(entry);
}

/// A step of a person who stands at the cashier, or has scanned a code.
pub(crate) fn step(
    platform: &Platform,
    title: (&'static str, &'static str),
    visit: Option<&Visit>,
    step: Step,
    answer: &Value,
) {
    let mut entry = told(platform, Kind::Cashier, title.into());
    if let Some(visit) = visit {
        entry.user = Some(visit.person.clone());
        entry.mchid = Some(visit.order.mchid.clone());
        entry.out_trade_no = Some(visit.order.out_trade_no.clone());
    }
    entry.answer = Some(reply(answer));
    settle(&mut entry, step);
    platform.story.tell(entry);
}

fn settle(entry: &mut Entry, step: Step) {
    let (outcome, says) = match step {
        Step::Opened => (Outcome::Ok, words::CASHIER_OPEN.into()),
        Step::Paid => (Outcome::Ok, words::PAID.into()),
        Step::Left => (Outcome::Ok, words::LEFT.into()),
        Step::NotOpened(why) | Step::NotPaid(why) => (Outcome::Refused, why),
    };
    entry.outcome = outcome;
    entry.says = Some(says);
}

fn told(platform: &Platform, kind: Kind, title: Words) -> Entry {
    let parties = (Party::Phone, Party::Platform);
    Entry::new(platform.clock.now(), kind, parties, title)
}

fn call(name: &str, parameters: &Value) -> Asked {
    Asked {
        method: name.to_owned(),
        body: parameters.to_string(),
        ..Asked::default()
    }
}

fn reply(answer: &Value) -> Answered {
    Answered {
        body: answer.to_string(),
        ..Answered::default()
    }
}
