//! Whether an answer or a notification was signed by the platform, just now.

use crate::crypto::{PublicKey, SignatureError, message};

/// How far a timestamp may lie from now, in seconds, both ways.
///
/// Source: the official SDKs; pay.weixin.qq.com/doc/v3/merchant/4013053249
pub const FRESHNESS_SECONDS: i64 = 300;

/// The four values that the platform signs with.
#[derive(Clone, Copy)]
pub(crate) struct Signed<'a> {
    pub(crate) timestamp: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) signature: &'a str,
}

/// Why something that claims to come from the platform is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unverified {
    /// No signature at all, as from a proxy or a captive portal.
    #[error("it is not signed")]
    Unsigned,
    /// Part of the signature is missing.
    #[error("its header {0} is missing or unreadable")]
    MissingHeader(&'static str),
    /// Signed in a way that is not ours.
    #[error("its signature is of another type than WECHATPAY2-SHA256-RSA2048")]
    OtherScheme,
    /// Signed too long ago, or in the future: replayed, or one of the clocks is wrong.
    #[error("it was signed {seconds} seconds before now (allowed: {FRESHNESS_SECONDS} either way)")]
    Stale {
        /// Now less its timestamp.
        seconds: i64,
    },
    /// Signed with a key that we do not have, even after asking for new ones.
    #[error("it is signed with the key \"{0}\", which is not in the key ring")]
    UnknownSerial(String),
    /// One of the platform's deliberately wrong signatures.
    #[error("its signature is one of WeChat's deliberately wrong probes")]
    Probe,
    /// Signed by somebody else, or changed on the way.
    #[error("its signature does not match")]
    BadSignature,
}

impl Unverified {
    /// A short name for logs and metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::MissingHeader(_) => "missing_header",
            Self::OtherScheme => "other_scheme",
            Self::Stale { .. } => "stale",
            Self::UnknownSerial(_) => "unknown_serial",
            Self::Probe => "probe",
            Self::BadSignature => "bad_signature",
        }
    }
}

impl From<SignatureError> for Unverified {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::Probe => Self::Probe,
            SignatureError::NotBase64 | SignatureError::Mismatch => Self::BadSignature,
        }
    }
}

impl Signed<'_> {
    /// Checks the timestamp against `now`. Done first, because it costs nothing.
    pub(crate) fn check_freshness(&self, now: i64) -> Result<(), Unverified> {
        let Ok(timestamp) = self.timestamp.parse::<i64>() else {
            return Err(Unverified::MissingHeader(TIMESTAMP));
        };
        let seconds = now.saturating_sub(timestamp);
        if seconds.unsigned_abs() > FRESHNESS_SECONDS.unsigned_abs() {
            return Err(Unverified::Stale { seconds });
        }
        Ok(())
    }

    /// Checks the signature over the raw body.
    pub(crate) fn check_signature(&self, key: &PublicKey, body: &[u8]) -> Result<(), Unverified> {
        let message = message::answer(self.timestamp, self.nonce, body);
        Ok(key.verify(&message, self.signature)?)
    }
}

pub(crate) const TIMESTAMP: &str = "Wechatpay-Timestamp";
pub(crate) const NONCE: &str = "Wechatpay-Nonce";
pub(crate) const SIGNATURE: &str = "Wechatpay-Signature";
pub(crate) const SERIAL: &str = "Wechatpay-Serial";
pub(crate) const SIGNATURE_TYPE: &str = "Wechatpay-Signature-Type";
pub(crate) const REQUEST_ID: &str = "Request-ID";

/// How much of a name from outside is kept for a message.
const SHOWN_CHARS: usize = 80;

/// A text from outside, fit for a message or a log: bounded, and without control characters.
pub(crate) fn shown(text: &str, limit: usize) -> String {
    let visible = text.chars().take(limit);
    visible
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect()
}

/// The name of a key from outside, fit for a message.
pub(crate) fn shown_name(text: &str) -> String {
    shown(text, SHOWN_CHARS)
}
