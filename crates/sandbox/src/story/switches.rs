//! Somebody turned a switch of the sandbox: told, so that what follows has its reason.

use super::words::Words;
use super::{Entry, Kind, Outcome, Party, Telling};
use crate::clock::Flow;
use crate::faults::{Fault, Kind as FaultKind, On};
use crate::ledger::{Fate, Refund, RefundLuck};
use crate::platform::Platform;

const DAY: i64 = 86_400;
const HOUR: i64 = 3600;
const MINUTE: i64 = 60;

/// Faults that strike from now on.
pub(crate) fn faults_added<'a>(platform: &Platform, faults: impl IntoIterator<Item = &'a Fault>) {
    for fault in faults {
        let (zh, en) = in_words(fault);
        let title = (format!("故障：{zh}"), format!("Fault: {en}"));
        told(platform, title, None);
    }
}

/// Another script: what is gone, and what is new. Only the difference is worth a line.
pub(crate) fn faults_replaced(platform: &Platform, before: &[Fault], now: &[Fault]) {
    let is_in = |script: &[Fault], fault: &Fault| script.iter().any(|other| same(other, fault));
    for gone in before.iter().filter(|fault| !is_in(now, fault)) {
        let ((where_zh, where_en), (what_zh, what_en)) = (place(gone.on), effect(gone));
        let title = (
            format!("撤除故障：{where_zh}{what_zh}"),
            format!("Fault taken away: {where_en} {what_en}"),
        );
        told(platform, title, None);
    }
    faults_added(platform, now.iter().filter(|fault| !is_in(before, fault)));
}

/// Whether two entries are one fault at different times of its life.
fn same(one: &Fault, other: &Fault) -> bool {
    let timeless = |fault: &Fault| Fault {
        times: None,
        seconds: None,
        ..fault.clone()
    };
    timeless(one) == timeless(other)
}

/// Virtual time jumps; what falls due on the way happens before this ends.
pub(crate) fn advance(platform: &Platform, seconds: i64) -> Telling {
    let (count, zh, en) = match seconds {
        s if s % DAY == 0 => (s / DAY, "天", "d"),
        s if s % HOUR == 0 => (s / HOUR, "小时", "h"),
        s if s % MINUTE == 0 => (s / MINUTE, "分钟", "min"),
        s => (s, "秒", "s"),
    };
    let title = (
        format!("时间快进 {count} {zh}"),
        format!("Time moves on by {count} {en}"),
    );
    platform.story.begin(entry(
        platform,
        title,
        Some((
            "途中该到期的都按顺序发生：通知重发、退款到账、prepay_id 过期、订单自动关闭。",
            "everything that falls due on the way happens in order: resends, refunds, expiries, \
             closings.",
        )),
    ))
}

/// Virtual time stands or runs.
pub(crate) fn flow(platform: &Platform, flow: Flow) {
    let title = match flow {
        Flow::Running => ("时钟继续走", "The clock runs on"),
        Flow::Frozen => ("时钟停住", "The clock stands still"),
    };
    told(platform, title, None);
}

/// Another sum in a purse.
pub(crate) fn balance(platform: &Platform, user: &str, yuan: Option<String>) {
    let title = match yuan {
        Some(yuan) => (
            format!("{user} 的余额设为 {yuan} 元"),
            format!("{user} now has {yuan} yuan"),
        ),
        None => (
            format!("{user} 的余额不限"),
            format!("{user} always has enough"),
        ),
    };
    let mut entry = entry(platform, title, None);
    entry.user = Some(user.to_owned());
    entry.outcome = Outcome::Ok;
    platform.story.tell(entry);
}

/// What happens to money that comes back to somebody.
pub(crate) fn luck(platform: &Platform, user: &str, luck: RefundLuck) {
    let title = match luck {
        RefundLuck::Arrive => (
            format!("{user} 能收到退款"),
            format!("refunds reach {user}"),
        ),
        RefundLuck::Abnormal => (
            format!("{user} 收不到退款：退款会异常"),
            format!("refunds to {user} become abnormal"),
        ),
        RefundLuck::Refused => (
            format!("{user} 的账户已注销：退款会被拒绝"),
            format!("the account of {user} is gone: refunds are refused"),
        ),
    };
    let mut entry = entry(platform, title, None);
    entry.user = Some(user.to_owned());
    entry.outcome = Outcome::Ok;
    platform.story.tell(entry);
}

/// A person refunds in the merchant's console.
pub(crate) fn console_refund(platform: &Platform, refund: &Refund) {
    let yuan = refund.amount;
    let title = (
        format!("商户平台手工退款 {yuan} 元"),
        format!("Refund of {yuan} yuan in the merchant's console"),
    );
    let says = "商户的服务器没有参与：它只能从通知、查询或账单里知道。";
    let says_en = "the merchant's server had no part in it, and learns of it by the notification, \
                   a query or the bill.";
    about_refund(platform, refund, title, Some((says, says_en)));
}

/// Somebody decides what becomes of a refund.
pub(crate) fn fate(platform: &Platform, refund: &Refund, fate: Fate) {
    let (zh, en) = match fate {
        Fate::Success => ("成功", "arrives"),
        Fate::Abnormal => ("异常", "becomes abnormal"),
        Fate::Closed => ("关闭", "closes"),
        Fate::Processing => ("一直处理中", "stays under way"),
    };
    let title = (format!("让退款{zh}"), format!("The refund {en}"));
    about_refund(platform, refund, title, None);
}

fn about_refund(
    platform: &Platform,
    refund: &Refund,
    title: (String, String),
    says: Option<(&'static str, &'static str)>,
) {
    let mut entry = entry(platform, title, says);
    entry.mchid = Some(refund.order.mchid.clone());
    entry.out_trade_no = Some(refund.order.out_trade_no.clone());
    entry.outcome = Outcome::Ok;
    platform.story.tell(entry);
}

/// Another sum in a merchant's account.
pub(crate) fn account(platform: &Platform, mchid: &str, yuan: Option<String>) {
    let title = match yuan {
        Some(yuan) => (
            format!("商户 {mchid} 的账户余额设为 {yuan} 元"),
            format!("merchant {mchid} now has {yuan} yuan"),
        ),
        None => (
            format!("商户 {mchid} 的账户余额不限"),
            format!("merchant {mchid} always has enough"),
        ),
    };
    let mut entry = entry(platform, title, None);
    entry.mchid = Some(mchid.to_owned());
    entry.outcome = Outcome::Ok;
    platform.story.tell(entry);
}

/// How the platform behaves where nobody knows for sure.
pub(crate) fn settings(platform: &Platform) {
    told(
        platform,
        ("平台行为开关已更改", "Settings of the platform changed"),
        None,
    );
}

/// Everything starts over.
pub(crate) fn reset(platform: &Platform) {
    let says = (
        "订单、通知、故障和时间都回到开头，密钥不变。",
        "orders, notifications, faults and time are back at the beginning; the keys stay.",
    );
    told(
        platform,
        ("沙箱重置", "The sandbox starts over"),
        Some(says),
    );
}

fn told(platform: &Platform, title: impl Into<Words>, says: Option<(&'static str, &'static str)>) {
    let mut entry = entry(platform, title, says);
    entry.outcome = Outcome::Ok;
    platform.story.tell(entry);
}

fn entry(
    platform: &Platform,
    title: impl Into<Words>,
    says: Option<(&'static str, &'static str)>,
) -> Entry {
    let parties = (Party::Operator, Party::Platform);
    let mut entry = Entry::new(platform.clock.now(), Kind::Switch, parties, title);
    entry.says = says.map(Words::from);
    entry
}

fn in_words(fault: &Fault) -> (String, String) {
    let (where_zh, where_en) = place(fault.on);
    let (what_zh, what_en) = effect(fault);
    let (when_zh, when_en) = match (fault.times, fault.seconds) {
        (_, Some(seconds)) => (format!("，{seconds} 秒内"), format!(", for {seconds} s")),
        (Some(1), None) => ("，一次".to_owned(), ", once".to_owned()),
        (Some(times), None) => (format!("，{times} 次"), format!(", {times} times")),
        (None, None) => ("，一直".to_owned(), ", until taken away".to_owned()),
    };
    (
        format!("{where_zh}{what_zh}{when_zh}"),
        format!("{where_en} {what_en}{when_en}"),
    )
}

fn place(on: On) -> (&'static str, &'static str) {
    match on {
        On::Prepay => ("下单", "prepay"),
        On::Query => ("查单", "query"),
        On::Close => ("关单", "close"),
        On::Refund => ("退款", "refund"),
        On::RefundQuery => ("查询退款", "refund query"),
        On::AbnormalRefund => ("异常退款", "abnormal refund"),
        On::Bill => ("申请账单", "bill application"),
        On::BillDownload => ("下载账单", "bill download"),
        On::Certificates => ("下载证书", "certificate download"),
        On::Echo => ("签名自检", "self test"),
        On::Login => ("code 换 openid ", "login"),
        On::Token => ("取 access_token ", "token"),
        On::Notification => ("通知", "notification"),
        On::Any => ("微信接口", "every call"),
    }
}

fn effect(fault: &Fault) -> (&'static str, &'static str) {
    match (fault.kind, fault.after_effect) {
        (FaultKind::Status | FaultKind::Html, true) => {
            ("办妥后却回答出错", "takes effect but answers with an error")
        }
        (FaultKind::Status | FaultKind::Html, false) => ("回答出错", "answers with an error"),
        (FaultKind::Timeout, true) => ("办妥后没有回答", "takes effect but never answers"),
        (FaultKind::Timeout, false) => ("没有回答", "never answers"),
        (FaultKind::Unsigned, _) => ("没有签名", "is not signed"),
        (FaultKind::WrongSignature | FaultKind::Signtest, _) => {
            ("签名错误", "carries a wrong signature")
        }
        (FaultKind::UnknownSerial, _) => ("用陌生证书签名", "is signed under an unknown serial"),
        (FaultKind::Stale, _) => ("签名时间很旧", "is dated long ago"),
        (FaultKind::WrongHash, _) => ("给错摘要", "names a wrong hash"),
        (FaultKind::Truncated, _) => ("只传一半", "ends in the middle"),
        (FaultKind::Lose, _) => ("丢失", "gets lost"),
        (FaultKind::Duplicate, _) => ("重复发送", "is sent twice"),
        (FaultKind::Delay, _) => ("延迟", "comes late"),
    }
}
