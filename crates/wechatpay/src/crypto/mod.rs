//! Keys, certificates and the exact strings that are signed. No HTTP, no clock.
//!
//! Everything here runs on aws-lc-rs, and every key is parsed once: parsing an RSA key again for
//! each signature makes it three times as dear.

mod api_v3_key;
mod certificate;
mod error;
pub mod message;
mod pem;
mod private_key;
mod public_key;
mod serial_no;
#[cfg(feature = "simulation")]
mod simulated;

pub use api_v3_key::ApiV3Key;
pub use certificate::Certificate;
pub use error::{KeyError, OpenError, SealError, SignatureError};
pub use private_key::PrivateKey;
pub use public_key::PublicKey;
pub use serial_no::SerialNo;

/// How a deliberately wrong signature begins.
///
/// The platform now and then sends one, on answers and on notifications, to see whether anybody
/// checks. There is nothing to handle: verification fails, as [`SignatureError::Probe`], and the
/// repeat that follows is signed rightly.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4013053249
pub const SIGNTEST_PREFIX: &str = "WECHATPAY/SIGNTEST/";

/// The name of the symmetric algorithm on the wire.
pub const AEAD_ALGORITHM: &str = "AEAD_AES_256_GCM";

/// The name of the signature scheme on the wire.
pub const SIGNATURE_SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";
