//! Verifies a webhook of Shouyin. Crates: `aws-lc-rs` (or `ring`, which is spelt the same) and
//! `base64`.

use aws_lc_rs::{hmac, signature};
use base64::{Engine, engine::general_purpose::STANDARD};

const TOLERANCE_S: u64 = 5 * 60;

/// `key` is `whsec_…` or `whpk_…`; the next three are headers; `body` is the raw body, unparsed;
/// `now` is in seconds since 1970.
pub fn verify(
    key: &str,
    id: &str,
    timestamp: &str,
    signatures: &str,
    body: &[u8],
    now: i64,
) -> bool {
    let recent = |sent: i64| now.abs_diff(sent) <= TOLERANCE_S;
    if !timestamp.parse().is_ok_and(recent) {
        return false;
    }
    let content = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
    let Some((kind, Ok(secret))) = key
        .split_once('_')
        .map(|(kind, text)| (kind, STANDARD.decode(text)))
    else {
        return false;
    };
    // During a rotation there is a signature for each key: one that fits is enough.
    signatures.split(' ').any(|entry| {
        let Some((scheme, text)) = entry.split_once(',') else {
            return false;
        };
        let Ok(signature) = STANDARD.decode(text) else {
            return false;
        };
        match (kind, scheme) {
            ("whsec", "v1") => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
                hmac::verify(&key, &content, &signature).is_ok()
            }
            ("whpk", "v1a") => {
                let key = signature::UnparsedPublicKey::new(&signature::ED25519, &secret);
                key.verify(&content, &signature).is_ok()
            }
            _ => false,
        }
    })
}
