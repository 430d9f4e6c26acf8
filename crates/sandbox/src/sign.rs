//! Signing answers and notifications, rightly or, when a fault says so, wrongly.
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4013053249

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::SignedDuration;
use wechatpay::crypto::{PrivateKey, SIGNATURE_SCHEME, SIGNTEST_PREFIX, message};

use crate::chance::Chance;
use crate::faults::{Fault, Kind};
use crate::ledger::{KeyMode, Merchant, NotifyKey};
use crate::platform::Platform;

/// A stale signature is this old unless the fault says otherwise.
const STALE: Duration = Duration::from_secs(3600);

/// Which of the two platform keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// The platform certificate.
    Certificate,
    /// The WeChat Pay public key.
    PublicKey,
}

/// A signature with its headers and the message it was made over.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    /// `Wechatpay-*`.
    pub headers: HeaderMap,
    /// For the inspector.
    pub message: String,
}

/// The key for an answer: what the request asks for, as far as the merchant has both.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012154180
pub(crate) fn key_for_answer(merchant: &Merchant, wechatpay_serial: Option<&str>) -> KeyKind {
    match merchant.key_mode {
        KeyMode::Certificate => KeyKind::Certificate,
        KeyMode::PublicKey => KeyKind::PublicKey,
        KeyMode::Both if wechatpay_serial == Some(merchant.keys.public_key_id.as_str()) => {
            KeyKind::PublicKey
        }
        KeyMode::Both => KeyKind::Certificate,
    }
}

/// The key for the `turn`-th sending of a notification.
pub(crate) fn key_for_notification(merchant: &Merchant, turn: u64) -> KeyKind {
    let public = match (merchant.key_mode, merchant.notify_key) {
        (KeyMode::Certificate, _) => false,
        (KeyMode::PublicKey, _) => true,
        (KeyMode::Both, NotifyKey::Certificate) => false,
        (KeyMode::Both, NotifyKey::PublicKey) => true,
        (KeyMode::Both, NotifyKey::Alternate) => turn % 2 == 1,
        (KeyMode::Both, NotifyKey::Share) => merchant.notify_share.has(turn),
        (KeyMode::Both, NotifyKey::AsRequested) => merchant.last_asked_for_public_key,
    };
    if public {
        KeyKind::PublicKey
    } else {
        KeyKind::Certificate
    }
}

/// Signs a body for a merchant. `None` when a fault takes the signature away.
pub(crate) fn stamp(
    platform: &Platform,
    merchant: &Merchant,
    kind: KeyKind,
    body: &[u8],
    fault: Option<&Fault>,
) -> Option<Stamp> {
    let (serial, key) = key(platform, merchant, kind);
    let fault_kind = fault.map(|fault| fault.kind);
    let age = match (fault_kind, fault) {
        (Some(Kind::Stale), Some(fault)) => fault.delay_ms.map_or(STALE, Duration::from_millis),
        _ => Duration::ZERO,
    };
    let age = SignedDuration::try_from(age).unwrap_or(SignedDuration::ZERO);
    let dated = platform.wire_now().saturating_sub(age).unwrap_or_default();
    let timestamp = dated.as_second().to_string();
    let nonce = platform.chance.letters(32);
    let message = message::answer(&timestamp, &nonce, body);
    let (serial, signature) = match fault_kind {
        Some(Kind::Unsigned) => return None,
        Some(Kind::WrongSignature) => (serial, key.sign(&[&message[..], b"!"].concat())),
        Some(Kind::Signtest) => (
            serial,
            format!("{SIGNTEST_PREFIX}{}", platform.chance.letters(300)),
        ),
        Some(Kind::UnknownSerial) => (unknown_serial(&platform.chance), key.sign(&message)),
        _ => (serial, key.sign(&message)),
    };
    Some(Stamp {
        headers: headers(&timestamp, &nonce, &signature, &serial),
        message: String::from_utf8_lossy(&message).into_owned(),
    })
}

fn key(platform: &Platform, merchant: &Merchant, kind: KeyKind) -> (String, PrivateKey) {
    match kind {
        KeyKind::PublicKey => {
            let id = merchant.keys.public_key_id.as_str().to_owned();
            (id, merchant.keys.public_key.clone())
        }
        KeyKind::Certificate => {
            let signing = platform.signing_certificate();
            (
                signing.certificate.serial_no().as_str().to_owned(),
                signing.key,
            )
        }
    }
}

fn unknown_serial(chance: &Chance) -> String {
    format!("7F{}", chance.hex(38).to_uppercase())
}

fn headers(timestamp: &str, nonce: &str, signature: &str, serial: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("wechatpay-timestamp", timestamp),
        ("wechatpay-nonce", nonce),
        ("wechatpay-signature", signature),
        ("wechatpay-serial", serial),
        ("wechatpay-signature-type", SIGNATURE_SCHEME),
    ] {
        let value = HeaderValue::from_str(value).expect("digits, letters and base64 are lawful");
        headers.insert(HeaderName::from_static(name), value);
    }
    headers
}
