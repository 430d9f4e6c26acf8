use std::fmt;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::{KeyError, pem};

/// How many bytes a secret has.
pub(super) const SECRET_BYTES: usize = 32;

/// A key whose signatures cost a microsecond: HMAC-SHA256 under a secret that both halves hold.
///
/// Whoever can verify such a signature can make one. It proves nothing to anybody, and serves only
/// simulations that would otherwise spend their time on RSA.
#[derive(Clone)]
pub(super) struct SimulatedKey(Arc<Parsed>);

struct Parsed {
    secret: [u8; SECRET_BYTES],
    key: Key,
}

impl SimulatedKey {
    pub(super) const PRIVATE_LABEL: &str = "SIMULATED PRIVATE KEY";
    pub(super) const PUBLIC_LABEL: &str = "SIMULATED PUBLIC KEY";

    pub(super) fn new(secret: [u8; SECRET_BYTES]) -> Self {
        let key = Key::new(HMAC_SHA256, &secret);
        Self(Arc::new(Parsed { secret, key }))
    }

    /// What stands between the lines of a PEM text: the secret itself.
    pub(super) fn from_pem_body(body: &[u8], wanted: &'static str) -> Result<Self, KeyError> {
        let reason = "a key for simulations has exactly 32 bytes";
        let secret = body
            .try_into()
            .map_err(|_| KeyError::Damaged { wanted, reason })?;
        Ok(Self::new(secret))
    }

    pub(super) fn secret(&self) -> &[u8] {
        &self.0.secret
    }

    pub(super) fn to_pem(&self, label: &str) -> String {
        pem::write(label, &self.0.secret)
    }

    pub(super) fn sign(&self, message: &[u8]) -> String {
        BASE64_STANDARD.encode(sign(&self.0.key, message))
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        verify_slices_are_equal(sign(&self.0.key, message).as_ref(), signature).is_ok()
    }
}

impl fmt::Debug for SimulatedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimulatedKey([redacted])")
    }
}
