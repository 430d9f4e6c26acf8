use crate::Unverified;

/// Why a notification is not believed, or cannot be read. Answer it with 4xx or 5xx: a lawful
/// sender comes again, with a fresh signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotificationError {
    /// A header of the signature is missing or unreadable.
    #[error("the notification's header {0} is missing or unreadable; only WeChat's own are taken")]
    MissingHeader(&'static str),
    /// Signed in a way that is not ours.
    #[error("the notification's signature is of another type than WECHATPAY2-SHA256-RSA2048")]
    OtherScheme,
    /// Signed too long ago, or in the future: replayed, or one of the clocks is wrong.
    #[error(
        "the notification was signed {seconds} seconds before now; check the clock if it is new"
    )]
    Stale {
        /// Now less its timestamp.
        seconds: i64,
    },
    /// Signed with a key that we do not have, even after asking for new ones.
    #[error("the notification is signed with the key \"{0}\", which is not in the key ring")]
    UnknownSerial(String),
    /// One of the platform's deliberately wrong signatures: no reason for an alarm.
    #[error("the notification is one of WeChat's deliberate probes; the repeat will be right")]
    Probe,
    /// Signed by somebody else, or the body was changed before it got here. The number is the
    /// length of the body in bytes.
    #[error(
        "the notification's signature does not match its {0} bytes: forged, or the body was \
         decoded or written anew on its way here"
    )]
    BadSignature(usize),
    /// Signed by the platform, and not what the documentation says.
    #[error("the notification cannot be understood: {0}")]
    Malformed(&'static str),
    /// Signed by the platform, and sealed with another APIv3 key.
    #[error(
        "the notification does not open with this merchant's APIv3 key: it is another merchant's, \
         or the key was changed"
    )]
    WrongKey,
}

impl NotificationError {
    /// A short name for logs and metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::MissingHeader(_) => "missing_header",
            Self::OtherScheme => "other_scheme",
            Self::Stale { .. } => "stale",
            Self::UnknownSerial(_) => "unknown_serial",
            Self::Probe => "probe",
            Self::BadSignature(_) => "bad_signature",
            Self::Malformed(_) => "malformed",
            Self::WrongKey => "wrong_key",
        }
    }

    pub(crate) fn unverified(reason: Unverified, body: &[u8]) -> Self {
        match reason {
            Unverified::Unsigned => Self::MissingHeader(crate::signed::SIGNATURE),
            Unverified::MissingHeader(name) => Self::MissingHeader(name),
            Unverified::OtherScheme => Self::OtherScheme,
            Unverified::Stale { seconds } => Self::Stale { seconds },
            Unverified::UnknownSerial(serial) => Self::UnknownSerial(serial),
            Unverified::Probe => Self::Probe,
            Unverified::BadSignature => Self::BadSignature(body.len()),
        }
    }
}
