//! The keys that sign, as Standard Webhooks spells them: `whsec_` for HMAC-SHA256 (`v1`), and
//! `whsk_` with its public half `whpk_` for Ed25519 (`v1a`).
//!
//! Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.

use std::fmt;

use anyhow::{Context, anyhow};
use aws_lc_rs::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{Ids, Millis};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use store::webhook_endpoints::SigningKeys;

use crate::digest::sha256;

/// Both kinds of key: 24 to 64 bytes are lawful for HMAC, and Ed25519 has exactly this many.
const KEY_BYTES: usize = 32;

/// Keys of one endpoint that are valid at the same time: more than a rotation a day with the
/// longest overlap needs, and few enough for one header.
const KEYS_MAX: usize = 8;

/// How an endpoint's calls are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scheme {
    /// HMAC-SHA256: one secret that both sides know.
    #[default]
    #[serde(rename = "v1")]
    Hmac,
    /// Ed25519: the receiver knows only a public key.
    #[serde(rename = "v1a")]
    Ed25519,
}

/// One key.
pub enum SigningKey {
    Hmac(Box<hmac::Key>),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let decode = |text: &str| STANDARD.decode(text).context("a signing key is not base64");
        if let Some(secret) = text.strip_prefix("whsec_") {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &decode(secret)?);
            return Ok(Self::Hmac(Box::new(key)));
        }
        let seed = text
            .strip_prefix("whsk_")
            .context("a signing key begins with neither whsec_ nor whsk_")?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&decode(seed)?);
        let pair = pair.map_err(|_| anyhow!("an Ed25519 key does not have 32 bytes"))?;
        Ok(Self::Ed25519(pair))
    }

    /// `v1,<signature>` or `v1a,<signature>`.
    pub fn sign(&self, content: &str) -> String {
        match self {
            Self::Hmac(key) => {
                let tag = hmac::sign(key, content.as_bytes());
                format!("v1,{}", STANDARD.encode(tag))
            }
            Self::Ed25519(pair) => {
                format!("v1a,{}", STANDARD.encode(pair.sign(content.as_bytes())))
            }
        }
    }

    fn public_key(&self) -> Option<String> {
        match self {
            Self::Hmac(_) => None,
            Self::Ed25519(pair) => Some(format!("whpk_{}", STANDARD.encode(pair.public_key()))),
        }
    }
}

/// What a receiver is shown of a new key: the secret of `v1`, the public half of `v1a`.
#[derive(Debug)]
pub enum Shown {
    Secret(SecretString),
    PublicKey(String),
}

#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    key: String,
    /// Unix ms from which on it signs no more; the newest key has none.
    until: Option<i64>,
}

/// All keys of an endpoint, the newest first.
#[derive(Clone)]
pub struct KeyRing(Vec<Entry>);

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing({} keys)", self.0.len())
    }
}

impl KeyRing {
    /// A ring with one new key.
    pub fn generate(scheme: Scheme, ids: &dyn Ids) -> Self {
        Self(vec![entry(scheme, ids)])
    }

    /// A new key before the others; the one that was newest signs until then, too.
    pub fn rotated(&self, scheme: Scheme, ids: &dyn Ids, now: Millis, until: Millis) -> Self {
        let old = self.0.iter().cloned().map(|mut old| {
            old.until = Some(old.until.map_or(until.0, |end| end.min(until.0)));
            old
        });
        let valid = old.filter(|old| old.until.is_some_and(|end| end > now.0));
        let all = std::iter::once(entry(scheme, ids)).chain(valid);
        Self(all.take(KEYS_MAX).collect())
    }

    /// # Errors
    /// When the column holds what this program does not write.
    pub fn read(keys: &SigningKeys) -> anyhow::Result<Self> {
        // The cause would quote the text.
        serde_json::from_str(&keys.0)
            .map(Self)
            .map_err(|_| anyhow!("the signing keys of an endpoint are unreadable"))
    }

    pub fn write(&self) -> SigningKeys {
        SigningKeys(serde_json::to_string(&self.0).expect("texts and numbers are always JSON"))
    }

    /// The value of `webhook-signature`: one signature for each key that is valid now.
    ///
    /// # Errors
    /// When a key is unreadable.
    pub fn signatures(&self, content: &str, now: Millis) -> anyhow::Result<String> {
        let valid = self
            .0
            .iter()
            .filter(|entry| entry.until.is_none_or(|end| end > now.0));
        let signed = valid.map(|entry| Ok(SigningKey::parse(&entry.key)?.sign(content)));
        Ok(signed.collect::<anyhow::Result<Vec<_>>>()?.join(" "))
    }

    /// The secret with this `Shown::fingerprint`, as long as the ring has it.
    pub fn secret_of(&self, fingerprint_of_it: &str) -> Option<String> {
        let mut keys = self.0.iter().map(|entry| &entry.key);
        keys.find(|key| fingerprint(key) == fingerprint_of_it)
            .cloned()
    }

    /// How the newest key signs.
    pub fn scheme(&self) -> Scheme {
        match self.0.first() {
            Some(newest) if newest.key.starts_with("whsk_") => Scheme::Ed25519,
            Some(_) | None => Scheme::Hmac,
        }
    }

    /// The newest key, as the receiver is shown it.
    ///
    /// # Errors
    /// When it is unreadable.
    pub fn shown(&self) -> anyhow::Result<Shown> {
        let newest = self.0.first().context("an endpoint has no signing key")?;
        Ok(match SigningKey::parse(&newest.key)?.public_key() {
            Some(public_key) => Shown::PublicKey(public_key),
            None => Shown::Secret(newest.key.clone().into()),
        })
    }
}

impl Shown {
    /// The secret, which is shown once.
    pub fn secret(&self) -> Option<String> {
        match self {
            Self::Secret(secret) => Some(secret.expose_secret().to_owned()),
            Self::PublicKey(_) => None,
        }
    }

    /// What stands for the secret where it must not stand itself. Nobody finds 32 random bytes by
    /// trying.
    pub fn fingerprint(&self) -> Option<String> {
        self.secret().map(|secret| fingerprint(&secret))
    }

    pub fn public_key(&self) -> Option<String> {
        match self {
            Self::Secret(_) => None,
            Self::PublicKey(key) => Some(key.clone()),
        }
    }
}

fn fingerprint(secret: &str) -> String {
    hex::encode(sha256(secret.as_bytes()))
}

fn entry(scheme: Scheme, ids: &dyn Ids) -> Entry {
    let mut bytes = [0; KEY_BYTES];
    ids.fill(&mut bytes);
    let prefix = match scheme {
        Scheme::Hmac => "whsec_",
        Scheme::Ed25519 => "whsk_",
    };
    Entry {
        key: format!("{prefix}{}", STANDARD.encode(bytes)),
        until: None,
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
    use domain::SeededIds;

    use super::*;

    #[test]
    fn a_signature_is_the_one_of_the_standards_own_example() {
        // Source: the test vector in the specification and in its libraries.
        let key = SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = r#"{"test": 2432232314}"#;
        let content =
            domain::webhook::signed_content("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(
            key.sign(&content),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn an_ed25519_signature_is_verified_by_the_public_key_that_is_shown() {
        let ring = KeyRing::generate(Scheme::Ed25519, &SeededIds::new(1));
        let public_key = ring.shown().unwrap().public_key().unwrap();
        let public_key = STANDARD.decode(public_key.strip_prefix("whpk_").unwrap());
        let signatures = ring.signatures("content", Millis(0)).unwrap();
        let signature = STANDARD.decode(signatures.strip_prefix("v1a,").unwrap());
        let key = UnparsedPublicKey::new(&ED25519, public_key.unwrap());
        assert!(key.verify(b"content", &signature.unwrap()).is_ok());
        assert_eq!(ring.shown().unwrap().secret(), None);
    }

    #[test]
    fn during_a_rotation_both_keys_sign_and_afterwards_one() {
        let ids = SeededIds::new(1);
        let old = KeyRing::generate(Scheme::Hmac, &ids);
        let new = old.rotated(Scheme::Ed25519, &ids, Millis(10), Millis(20));
        let before = old.signatures("content", Millis(19)).unwrap();
        let during = new.signatures("content", Millis(19)).unwrap();
        assert!(during.starts_with("v1a,") && during.ends_with(&format!(" {before}")));
        let after = new.signatures("content", Millis(20)).unwrap();
        assert!(!after.contains(' ') && during.starts_with(&after));
        let at_once = new.rotated(Scheme::Hmac, &ids, Millis(12), Millis(12));
        assert_eq!(at_once.0.len(), 1);
    }

    #[test]
    fn keys_come_back_from_the_database_and_are_never_shown_in_logs() {
        let ring = KeyRing::generate(Scheme::Hmac, &SeededIds::new(1));
        let written = ring.write();
        let again = KeyRing::read(&written).unwrap();
        assert_eq!(
            again.signatures("a", Millis(0)).unwrap(),
            ring.signatures("a", Millis(0)).unwrap()
        );
        let secret = ring.shown().unwrap().secret().unwrap();
        let debug = format!("{ring:?} {written:?} {:?}", ring.shown());
        assert!(!debug.contains(&secret[6..]), "{debug}");
        assert!(KeyRing::read(&SigningKeys(secret)).is_err());
    }
}
