//! Judges what a mini program hands to `wx.requestPayment`, and says in words what is wrong.
//!
//! A signature fits one message only, so what is wrong with it is found by trying what people get
//! wrong. Source: pay.weixin.qq.com/doc/v3/merchant/4012791898

use jiff::Timestamp;
use serde_json::Value;
use wechatpay::crypto::{PublicKey, message};

use super::fail::Fail;
use crate::ledger::{Ledger, Merchant, Product, Visit};
use crate::story::Verdict;

const PREFIX: &str = "prepay_id=";
/// `nonceStr` at most.
const MAX_NONCE: usize = 32;

/// The fields, all text.
struct Fields<'a> {
    appid: &'a str,
    user: &'a str,
    timestamp: &'a str,
    nonce: &'a str,
    package: &'a str,
    pay_sign: &'a str,
}

/// What came of it, and what `paySign` should have been made over.
pub(crate) struct Checked {
    pub(super) verdict: Verdict,
    pub(super) signed: Option<String>,
    pub(super) outcome: Result<Visit, Fail>,
}

/// Judges everything but the order's own state.
pub(super) fn check(ledger: &mut Ledger, body: &Value, now: Timestamp) -> Checked {
    let mut verdict = Verdict::None;
    let outcome = judge(ledger, body, now, &mut verdict);
    if let Err(fail) = &outcome
        && fail.is_about_the_signature()
    {
        verdict = Verdict::Failed;
    }
    Checked {
        verdict,
        signed: signed_text(body),
        outcome,
    }
}

/// The four lines, as far as the fields are there.
fn signed_text(body: &Value) -> Option<String> {
    let text = |name: &str| body.get(name)?.as_str();
    let message = message::mini_program_pay(
        text("appid")?,
        text("timeStamp")?,
        text("nonceStr")?,
        text("package")?,
    );
    Some(String::from_utf8_lossy(&message).into_owned())
}

fn judge(
    ledger: &mut Ledger,
    body: &Value,
    now: Timestamp,
    verdict: &mut Verdict,
) -> Result<Visit, Fail> {
    let fields = read(body)?;
    if !ledger.people.contains_key(fields.user) {
        let zh = format!("没有用户 {}；先调用 POST /control/users", fields.user);
        return Err(Fail::new(
            "no such user",
            zh,
            "no such user; POST /control/users first",
        ));
    }
    let Some(prepay_id) = fields.package.strip_prefix(PREFIX) else {
        return Err(bad_package(ledger, fields.package));
    };
    let order = ledger.order_of_prepay(prepay_id, now);
    let order = order.ok_or_else(|| Fail::unknown_prepay(prepay_id))?;
    let (key, order_app, product) = (order.key.clone(), order.appid.clone(), order.product);
    let merchant = ledger.merchants.get(&key.mchid).cloned();
    let merchant = merchant.ok_or_else(|| Fail::unknown_prepay(prepay_id))?;
    check_signature(ledger, &merchant, &fields, prepay_id, &order_app)?;
    *verdict = Verdict::Passed;
    if order_app != fields.appid {
        let (zh, en) = wrong_app(&order_app, fields.appid);
        return Err(Fail::new("商户传入的appid参数不正确", zh, en));
    }
    if product != Product::Jsapi {
        return Err(Fail::wrong_product());
    }
    let (prepay_id, person) = (prepay_id.to_owned(), fields.user.to_owned());
    Ok(Visit {
        order: key,
        prepay_id,
        person,
    })
}

fn read(body: &Value) -> Result<Fields<'_>, Fail> {
    let text = |name: &str| match body.get(name) {
        None | Some(Value::Null) => Err(Fail::missing(name)),
        Some(Value::String(text)) if text.is_empty() => Err(Fail::missing(name)),
        Some(Value::String(text)) => Ok(text.as_str()),
        Some(_) => Err(Fail::not_text(name)),
    };
    let fields = Fields {
        appid: text("appid")?,
        user: text("user")?,
        timestamp: text("timeStamp")?,
        nonce: text("nonceStr")?,
        package: text("package")?,
        pay_sign: text("paySign")?,
    };
    if text("signType")? != "RSA" {
        let zh = "signType 必须是 RSA（不传时默认 MD5，只用于 v2）";
        return Err(Fail::signature(
            zh,
            "signType must be RSA; the default MD5 is for v2",
        ));
    }
    if fields.nonce.len() > MAX_NONCE {
        let zh = "nonceStr 超过 32 个字符";
        return Err(Fail::signature(zh, "nonceStr is longer than 32 characters"));
    }
    Ok(fields)
}

fn bad_package(ledger: &Ledger, package: &str) -> Fail {
    if ledger.prepays.contains_key(package) {
        let zh = "package 缺少前缀 prepay_id=；应为 prepay_id=wx…";
        return Fail::missing_prefix(zh, "package lacks its prefix: send prepay_id=wx…");
    }
    Fail::missing_prefix(
        "package 应为 prepay_id=wx…",
        "package must be prepay_id=wx…",
    )
}

fn wrong_app(order_app: &str, running: &str) -> (String, String) {
    (
        format!("下单的 appid 是 {order_app}，而正在运行的小程序是 {running}"),
        format!("the order was placed under {order_app}, but the mini program is {running}"),
    )
}

fn check_signature(
    ledger: &Ledger,
    merchant: &Merchant,
    fields: &Fields<'_>,
    prepay_id: &str,
    order_app: &str,
) -> Result<(), Fail> {
    let Fields {
        appid,
        timestamp,
        nonce,
        package,
        ..
    } = *fields;
    let seconds = timestamp.len() == 10 && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let message = message::mini_program_pay(appid, timestamp, nonce, package);
    let holds = merchant.any_key(|key| key.verify(&message, fields.pay_sign).is_ok());
    match (seconds, holds) {
        (true, true) => Ok(()),
        (false, _) => Err(bad_timestamp(timestamp)),
        (true, false) => Err(explain(ledger, merchant, fields, prepay_id, order_app)),
    }
}

fn bad_timestamp(timestamp: &str) -> Fail {
    if timestamp.len() == 13 && timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
        return Fail::signature(
            "timeStamp 有 13 位，是毫秒；应为 10 位的秒数",
            "timeStamp has 13 digits: milliseconds; it must be 10 digits, seconds",
        );
    }
    Fail::signature(
        "timeStamp 应为 10 位十进制秒数",
        "timeStamp must be 10 digits, seconds",
    )
}

type Suspect = (Vec<u8>, String, String);

/// Tries what people get wrong.
fn explain(
    ledger: &Ledger,
    merchant: &Merchant,
    fields: &Fields<'_>,
    prepay_id: &str,
    order_app: &str,
) -> Fail {
    let key = &merchant.keys.own_key;
    let holds = |key: &PublicKey, message: &[u8]| key.verify(message, fields.pay_sign).is_ok();
    let suspects = suspects(ledger, fields, prepay_id, order_app);
    if let Some((_, zh, en)) = suspects
        .into_iter()
        .find(|(message, ..)| holds(key, message))
    {
        return Fail::signature(zh, en);
    }
    let right =
        message::mini_program_pay(fields.appid, fields.timestamp, fields.nonce, fields.package);
    let owner = ledger
        .merchants
        .values()
        .find(|other| other.mchid != merchant.mchid && holds(&other.keys.own_key, &right));
    if let Some(owner) = owner {
        let zh = format!(
            "签名用的是商户 {} 的私钥，不是 {} 的",
            owner.mchid, merchant.mchid
        );
        let en = format!(
            "signed with merchant {}'s key, not {}'s",
            owner.mchid, merchant.mchid
        );
        return Fail::signature(zh, en);
    }
    if fields.pay_sign.len() == 32 && fields.pay_sign.bytes().all(|b| b.is_ascii_hexdigit()) {
        let zh = "paySign 像是 MD5（v2 的做法）；v3 要用商户私钥做 SHA256 with RSA";
        return Fail::signature(
            zh,
            "paySign looks like MD5, as in v2; sign with RSA and SHA-256",
        );
    }
    Fail::signature(
        "签名不符：可能是用另一把私钥签的，或签名时的随机串、时间戳与传来的不是同一组",
        "the signature does not fit: another private key, or nonce and timestamp are not the \
         ones that were signed",
    )
}

fn suspects(
    ledger: &Ledger,
    fields: &Fields<'_>,
    prepay_id: &str,
    order_app: &str,
) -> Vec<Suspect> {
    let Fields {
        appid,
        timestamp,
        nonce,
        package,
        ..
    } = *fields;
    let right = message::mini_program_pay(appid, timestamp, nonce, package);
    let mut unended = right.clone();
    unended.pop();
    let crlf = String::from_utf8_lossy(&right)
        .replace('\n', "\r\n")
        .into_bytes();
    let typed = [&right[..], b"RSA\n"].concat();
    let mut suspects = vec![
        suspect(
            unended,
            "签名串末尾缺少换行符 \\n",
            "the last line lacks its newline",
        ),
        suspect(
            message::app_pay(appid, timestamp, nonce, prepay_id),
            "签名串第四行缺少前缀 prepay_id=（那是 APP 支付的写法）",
            "line 4 lacks prepay_id= (that is how APP payments are signed)",
        ),
        suspect(
            crlf,
            "换行用了 \\r\\n；应为 \\n",
            "lines end with CR LF; use LF alone",
        ),
        suspect(
            typed,
            "signType 不参与签名",
            "signType is not part of what is signed",
        ),
        suspect(
            message::mini_program_pay(appid, nonce, timestamp, package),
            "时间戳与随机串的顺序颠倒",
            "timestamp and nonce are swapped",
        ),
    ];
    let others = ledger.apps.keys().filter(|other| *other != appid);
    for other in others {
        let message = message::mini_program_pay(other, timestamp, nonce, package);
        let (zh, en) = if other == order_app {
            wrong_app(order_app, appid)
        } else {
            (
                format!("签名串第一行的 appid 是 {other}，应为 {appid}"),
                format!("line 1 holds the appid {other}; it must be {appid}"),
            )
        };
        suspects.push((message, zh, en));
    }
    suspects.extend((0..1000).map(|ms| {
        let signed = format!("{timestamp}{ms:03}");
        suspect(
            message::mini_program_pay(appid, &signed, nonce, package),
            "签名时的时间戳是毫秒，传来的是秒；两处须完全一致",
            "the signed timestamp is in milliseconds, timeStamp in seconds; they must be the same",
        )
    }));
    suspects
}

fn suspect(message: Vec<u8>, zh: &str, en: &str) -> Suspect {
    (message, zh.to_owned(), en.to_owned())
}
