//! Why a signature does not hold, found by trying what people get wrong.
//!
//! A signature fits exactly one message, so a variant that verifies *is* what the client signed;
//! there is no guessing in a hit. One mistake at a time is tried, and the search ends at the first
//! hit.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use wechatpay::crypto::{Certificate, PublicKey};

use super::mistakes as because;
use super::variants::{
    Variant, body_variants, line_variants, millisecond_variants, target_variants,
};

/// A probable mistake, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Cause {
    /// Stable name for scripts.
    pub(crate) cause: &'static str,
    /// For people, in Chinese.
    pub(crate) zh: Cow<'static, str>,
    /// For people, in English.
    pub(crate) en: Cow<'static, str>,
}

impl Cause {
    pub(super) fn new(cause: &'static str, zh: String, en: String) -> Self {
        let (zh, en) = (Cow::Owned(zh), Cow::Owned(en));
        Self { cause, zh, en }
    }
}

/// A cause whose sentences hold no numbers.
pub(super) const fn known(cause: &'static str, zh: &'static str, en: &'static str) -> Cause {
    let (zh, en) = (Cow::Borrowed(zh), Cow::Borrowed(en));
    Cause { cause, zh, en }
}

/// What was received, in parts.
#[derive(Clone, Copy)]
pub(crate) struct Signed<'a> {
    /// Upper case.
    pub method: &'a str,
    /// Path and query as received.
    pub target: &'a str,
    /// The `Host` header.
    pub host: &'a str,
    /// From the header.
    pub timestamp: &'a str,
    /// From the header.
    pub nonce: &'a str,
    /// Exact bytes.
    pub body: &'a [u8],
    /// From the header.
    pub signature: &'a str,
}

impl Signed<'_> {
    pub(super) fn message(&self) -> Vec<u8> {
        self.with(self.method, self.target, self.timestamp, self.body)
    }

    pub(super) fn with(&self, method: &str, target: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
        let head = format!("{method}\n{target}\n{timestamp}\n{}\n", self.nonce);
        [head.as_bytes(), body, b"\n"].concat()
    }

    pub(super) fn with_target(&self, target: &str) -> Vec<u8> {
        self.with(self.method, target, self.timestamp, self.body)
    }

    pub(super) fn with_body(&self, body: &[u8]) -> Vec<u8> {
        self.with(self.method, self.target, self.timestamp, body)
    }

    pub(super) fn with_timestamp(&self, timestamp: &str) -> Vec<u8> {
        self.with(self.method, self.target, timestamp, self.body)
    }
}

/// The mistake, if one of those tried explains the signature; otherwise what is left to suspect.
pub(crate) fn find_causes<'a>(
    signed: &Signed<'_>,
    key: &PublicKey,
    others: impl Iterator<Item = &'a Certificate>,
) -> Vec<Cause> {
    let holds = |message: &[u8]| key.verify(message, signed.signature).is_ok();
    let found = other_encoding(signed, key)
        .or_else(|| other_key(signed, others))
        .or_else(|| try_all(line_variants(signed), holds))
        .or_else(|| try_all(target_variants(signed), holds))
        .or_else(|| try_all(body_variants(signed), holds))
        .or_else(|| try_all(millisecond_variants(signed), holds));
    vec![found.unwrap_or(because::UNEXPLAINED)]
}

/// The timestamp is outside its window; `off` is in seconds, early positive.
pub(super) fn stale(timestamp: &str, off: i64) -> Cause {
    if timestamp.len() == 13 {
        return because::SENT_MILLISECONDS;
    }
    let zh = format!("timestamp 与平台时间相差 {off} 秒（容许 300 秒）：请校准服务器时钟");
    let en = format!("the timestamp is {off} s off the platform's clock (300 s allowed)");
    Cause::new("timestamp_off", zh, en)
}

/// The signature holds, but `Wechatpay-Serial` names a key that this merchant cannot have.
pub(crate) fn unknown_platform_key(sent: &str, public_key_id: &str) -> Cause {
    let zh =
        format!("Wechatpay-Serial 是 {sent}，不是平台证书序列号，也不是公钥 ID {public_key_id}");
    let en = format!(
        "Wechatpay-Serial is {sent}: neither a platform certificate nor {public_key_id}; \
         the answer is signed as if it were not there"
    );
    Cause::new("unknown_wechatpay_serial", zh, en)
}

/// The serial is not the one of the merchant's certificate.
pub(super) fn wrong_serial(sent: &str, own: &str) -> Cause {
    let zh = format!("serial_no 是 {sent}，而该商户证书的序列号是 {own}");
    let en = format!("serial_no is {sent}, but this merchant's certificate is {own}");
    Cause::new("serial_of_another_certificate", zh, en)
}

fn try_all(
    variants: impl IntoIterator<Item = Variant>,
    holds: impl Fn(&[u8]) -> bool,
) -> Option<Cause> {
    variants
        .into_iter()
        .find(|(message, _)| holds(message))
        .map(|(_, cause)| cause)
}

fn other_encoding(signed: &Signed<'_>, key: &PublicKey) -> Option<Cause> {
    let message = signed.message();
    let holds = |bytes: Vec<u8>| key.verify(&message, &BASE64_STANDARD.encode(bytes)).is_ok();
    let text = signed.signature;
    let url_safe = BASE64_URL_SAFE
        .decode(text)
        .or_else(|_| BASE64_URL_SAFE_NO_PAD.decode(text));
    if url_safe.is_ok_and(holds) {
        return Some(because::URL_SAFE);
    }
    hex::decode(text).is_ok_and(holds).then_some(because::HEX)
}

fn other_key<'a>(
    signed: &Signed<'_>,
    mut others: impl Iterator<Item = &'a Certificate>,
) -> Option<Cause> {
    let message = signed.message();
    let found = others.find(|other| {
        other
            .public_key()
            .verify(&message, signed.signature)
            .is_ok()
    });
    found.map(|other| {
        let serial = other.serial_no().as_str();
        let zh = format!("签名所用的私钥属于序列号 {serial} 的证书，与 serial_no 不是一对");
        let en = format!("the private key belongs to serial {serial}, not to the serial_no sent");
        Cause::new("key_of_another_serial", zh, en)
    })
}

#[cfg(test)]
#[path = "causes_tests.rs"]
mod tests;
