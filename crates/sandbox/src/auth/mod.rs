//! Who is calling, and can they prove it.
//!
//! The checks come in the order in which the real platform was seen to make them, each with its
//! own words. Source: pay.weixin.qq.com/doc/v3/merchant/4012072670 and live probes.

mod causes;
mod header;
mod layout;
mod mistakes;
mod variants;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use wechatpay::crypto::{PublicKey, message};

pub(crate) use causes::{Cause, Signed, find_causes, unknown_platform_key};
pub(crate) use header::{Credentials, HeaderFault};

use crate::gateway::{Family, Incoming};
use crate::ledger::{Ledger, Merchant, REPLACED};
use crate::refusal::Refusal;

/// Requests may be this much early or late.
const CLOCK_WINDOW_SECONDS: i64 = 300;
/// How much of the body the refusal of a signature quotes, derived from three quoted answers.
const QUOTED_BODY_BYTES: usize = 8;

const HEADER_FORMAT: &str = "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》";
const HEADER_FORMAT_TRANSACTIONS: &str = "签名信息错误，验签失败";
const WRONG_SCHEME: &str = "HTTP头Authorization认证类型不正确";
const STALE: &str = "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟";
const BAD_SIGNATURE: &str = "签名错误";
const WRONG_SERIAL: &str = "商户证书序列号有误。请使用签名私钥匹配的证书序列号";
const NO_API_V3_KEY: &str = "商户未设置APIv3密钥。";

/// What came out, in one word, for the inspector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// The call needs no signature, or there is no such call.
    #[default]
    NotChecked,
    /// The signature holds.
    Valid,
    /// User-Agent or Accept is missing.
    NoAgent,
    /// `Authorization` is missing or cannot be read.
    BadHeader,
    /// Another scheme than `WECHATPAY2-SHA256-RSA2048`.
    WrongScheme,
    /// More than five minutes off.
    StaleTimestamp,
    /// Nobody has this mchid.
    UnknownMerchant,
    /// The merchant's certificate or key setting is not in order.
    MerchantNotReady,
    /// The serial is not this merchant's certificate.
    WrongSerial,
    /// The signature does not hold.
    BadSignature,
}

/// A request after the checks.
#[derive(Debug)]
pub(crate) struct Judged {
    /// In one word.
    pub verdict: Verdict,
    /// What the platform signed over, as far as it got.
    pub sign_message: Option<Vec<u8>>,
    /// Why the signature does not hold, found by trying.
    pub causes: Vec<Cause>,
    /// Whom the header names, believed or not.
    pub mchid: Option<String>,
    /// The merchant, or the refusal.
    pub outcome: Result<Merchant, Refusal>,
}

impl Judged {
    fn refused(verdict: Verdict, refusal: Refusal) -> Self {
        let (sign_message, causes, mchid) = (None, Vec::new(), None);
        Self {
            verdict,
            sign_message,
            causes,
            mchid,
            outcome: Err(refusal),
        }
    }
}

/// Everything before JSON. `now` is the time by which signatures are judged.
pub(crate) fn judge(
    ledger: &Ledger,
    incoming: &Incoming,
    family: Family,
    now: Timestamp,
) -> Judged {
    if family == Family::Gateway && !has_agent(incoming) {
        let refusal = Refusal {
            in_business: false,
            ..Refusal::invalid("Http头缺少Accept或User-Agent")
        };
        return Judged::refused(Verdict::NoAgent, refusal);
    }
    let header = incoming.header("authorization");
    match header.map_or(Err(HeaderFault::Syntax), header::parse) {
        Err(HeaderFault::Syntax) => Judged::refused(Verdict::BadHeader, bad_header(family)),
        Err(HeaderFault::Scheme) => {
            Judged::refused(Verdict::WrongScheme, Refusal::sign(WRONG_SCHEME))
        }
        Ok(credentials) => {
            let message = signed_message(incoming, &credentials);
            let (verdict, causes, outcome) =
                judge_credentials(ledger, incoming, &credentials, &message, now);
            let (sign_message, mchid) = (Some(message), Some(credentials.mchid));
            Judged {
                verdict,
                sign_message,
                causes,
                mchid,
                outcome,
            }
        }
    }
}

fn has_agent(incoming: &Incoming) -> bool {
    incoming.headers.contains_key("user-agent") && incoming.headers.contains_key("accept")
}

fn bad_header(family: Family) -> Refusal {
    match family {
        Family::Transactions => Refusal {
            traced: false,
            ..Refusal::sign(HEADER_FORMAT_TRANSACTIONS)
        },
        Family::Gateway | Family::MiniProgram => Refusal::sign(HEADER_FORMAT),
    }
}

fn signed_message(incoming: &Incoming, credentials: &Credentials) -> Vec<u8> {
    message::request(
        incoming.method.as_str(),
        &incoming.target,
        &credentials.timestamp,
        &credentials.nonce_str,
        &incoming.body,
    )
}

type Outcome = (Verdict, Vec<Cause>, Result<Merchant, Refusal>);

fn judge_credentials(
    ledger: &Ledger,
    incoming: &Incoming,
    credentials: &Credentials,
    message: &[u8],
    now: Timestamp,
) -> Outcome {
    if let Some(cause) = stale(&credentials.timestamp, now) {
        return (
            Verdict::StaleTimestamp,
            vec![cause],
            Err(Refusal::sign(STALE)),
        );
    }
    let Some(merchant) = ledger.merchants.get(&credentials.mchid) else {
        return (
            Verdict::UnknownMerchant,
            Vec::new(),
            Err(Refusal::sign(BAD_SIGNATURE)),
        );
    };
    let not_ready = merchant.certificate.refusal();
    let not_ready = not_ready.or((!merchant.api_v3_key_set).then_some(NO_API_V3_KEY));
    if let Some(why) = not_ready {
        return (
            Verdict::MerchantNotReady,
            Vec::new(),
            Err(Refusal::sign(why)),
        );
    }
    let key = match named_key(merchant, &credentials.serial_no) {
        Named::InForce(key) => key,
        Named::Withdrawn => {
            let (verdict, refusal) = (Verdict::MerchantNotReady, Refusal::sign(REPLACED));
            return (verdict, Vec::new(), Err(refusal));
        }
        Named::Unknown => {
            let own = merchant.keys.certificate.serial_no().as_str();
            let causes = vec![causes::wrong_serial(&credentials.serial_no, own)];
            let refusal = Refusal::sign(WRONG_SERIAL);
            return (Verdict::WrongSerial, causes, Err(refusal));
        }
    };
    match key.verify(message, &credentials.signature) {
        Ok(()) => (Verdict::Valid, Vec::new(), Ok(merchant.clone())),
        Err(_) => {
            let causes = causes_of(ledger, incoming, credentials, key);
            let refusal = bad_signature(incoming, credentials, message.len());
            (Verdict::BadSignature, causes, Err(refusal))
        }
    }
}

/// The key of the certificate that a request names.
enum Named<'m> {
    InForce(&'m PublicKey),
    Withdrawn,
    Unknown,
}

/// Of the newest certificate, or of an earlier one.
fn named_key<'m>(merchant: &'m Merchant, serial: &str) -> Named<'m> {
    let own = merchant.keys.certificate.serial_no().as_str();
    if own.eq_ignore_ascii_case(serial) {
        return Named::InForce(&merchant.keys.own_key);
    }
    match merchant.former.get(&serial.to_uppercase()) {
        Some(former) if former.in_force => Named::InForce(&former.key),
        Some(_) => Named::Withdrawn,
        None => Named::Unknown,
    }
}

fn stale(timestamp: &str, now: Timestamp) -> Option<Cause> {
    let second: i64 = timestamp.parse().unwrap_or(i64::MAX);
    let off = second.saturating_sub(now.as_second());
    (off.saturating_abs() > CLOCK_WINDOW_SECONDS).then(|| causes::stale(timestamp, off))
}

fn bad_signature(incoming: &Incoming, credentials: &Credentials, length: usize) -> Refusal {
    let quoted = &incoming.body[..incoming.body.len().min(QUOTED_BODY_BYTES)];
    let quoted = message::request(
        incoming.method.as_str(),
        &incoming.target,
        &credentials.timestamp,
        &credentials.nonce_str,
        quoted,
    );
    Refusal::sign(BAD_SIGNATURE).with_detail(json!({
        "detail": { "issue": "sign not match" },
        "field": "signature",
        "location": "authorization",
        "sign_information": {
            "method": incoming.method.as_str(),
            "url": incoming.target,
            "sign_message_length": length,
            "truncated_sign_message": String::from_utf8_lossy(&quoted),
        },
    }))
}

fn causes_of(
    ledger: &Ledger,
    incoming: &Incoming,
    credentials: &Credentials,
    key: &PublicKey,
) -> Vec<Cause> {
    let others = ledger
        .merchants
        .values()
        .filter(|merchant| merchant.mchid != credentials.mchid);
    let others = others.map(|merchant| &merchant.keys.certificate);
    let signed = Signed {
        method: incoming.method.as_str(),
        target: &incoming.target,
        host: incoming.header("host").unwrap_or_default(),
        timestamp: &credentials.timestamp,
        nonce: &credentials.nonce_str,
        body: &incoming.body,
        signature: &credentials.signature,
    };
    find_causes(&signed, key, others)
}
