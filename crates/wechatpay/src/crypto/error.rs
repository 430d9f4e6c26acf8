//! What can be wrong with a key, a signature or a ciphertext.

/// Why a text is not the key material that was asked for. Nothing is retried: the configuration has
/// to change. No variant carries any part of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There is no `-----BEGIN …-----` line.
    #[error(
        "no PEM text found where {wanted} was expected; paste the whole file, BEGIN line included"
    )]
    NoPem {
        /// What was expected, in words.
        wanted: &'static str,
    },
    /// The PEM text is of another kind, as when certificate and key are swapped.
    #[error("this is {found}, not {wanted}")]
    WrongKind {
        /// What was expected, in words.
        wanted: &'static str,
        /// What was found, in words.
        found: String,
    },
    /// The armour is right and the content is not.
    #[error("{wanted} cannot be read: {reason}")]
    Damaged {
        /// What was expected, in words.
        wanted: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An APIv3 key has exactly 32 bytes; the number is how many were given.
    #[error(
        "the APIv3 key has {0} bytes and must have exactly 32; it is the text set in the merchant \
         platform, neither hex nor base64"
    )]
    ApiV3KeyLength(usize),
    /// Neither 40 hexadecimal digits nor a `PUB_KEY_ID_…`.
    #[error("\"{0}\" is neither a certificate serial (40 hexadecimal digits) nor a PUB_KEY_ID_…")]
    BadSerial(String),
}

/// Why a signature was not accepted. All three mean the same: do not believe the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The platform's own test for whether anybody verifies. An ordinary failed verification that
    /// is not worth an alarm; see [`SIGNTEST_PREFIX`](super::SIGNTEST_PREFIX).
    #[error("the signature is one of WeChat's deliberately wrong probes; the repeat will be right")]
    Probe,
    /// Not standard base64.
    #[error("the signature is not base64")]
    NotBase64,
    /// Made by another key, or over other bytes.
    #[error("the signature does not match the message")]
    Mismatch,
}

/// Why a ciphertext could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not standard base64.
    #[error("the ciphertext is not base64")]
    NotBase64,
    /// The nonce of AES-GCM has 12 bytes; the number is how many were given.
    #[error("the nonce has {0} bytes and must have 12")]
    NonceLength(usize),
    /// The authentication tag or the padding does not fit.
    #[error("it does not open with this key: another key, another merchant, or damaged data")]
    WrongKey,
}

/// Why a plaintext could not be encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The nonce of AES-GCM has 12 bytes; the number is how many were given.
    #[error("the nonce has {0} bytes and must have 12")]
    NonceLength(usize),
    /// RSA-OAEP takes at most 214 bytes with a 2048-bit key.
    #[error("{length} bytes are too many for this key, which takes {limit}")]
    TooLong {
        /// Bytes given.
        length: usize,
        /// Bytes that fit.
        limit: usize,
    },
}
