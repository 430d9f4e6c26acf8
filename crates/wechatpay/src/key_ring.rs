//! The platform's keys, by serial.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::Timestamp;

use crate::crypto::{Certificate, PublicKey, SerialNo};

/// The keys with which the platform signs, of both kinds at once: WeChat Pay public keys and
/// downloaded certificates. Clones share one ring.
///
/// During a change from certificates to the public key both sign, message by message, so a message
/// is always checked with the key that it names.
///
/// ```
/// # let pem = include_str!(concat!(
/// #     env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/documentation_public_key.pem"));
/// use wechatpay::crypto::{PublicKey, SerialNo};
/// use wechatpay::{KeyMode, KeyRing};
///
/// let id = SerialNo::new("PUB_KEY_ID_0114232134912410000000000000")?;
/// let ring = KeyRing::new().with_public_key(id.clone(), PublicKey::from_pem(pem)?);
/// assert_eq!(ring.mode(), KeyMode::PublicKey);
/// assert_eq!(ring.advertised(), Some(id));
/// # Ok::<(), wechatpay::crypto::KeyError>(())
/// ```
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012154180
#[derive(Clone, Debug, Default)]
pub struct KeyRing(Arc<RwLock<Keys>>);

#[derive(Debug, Default)]
struct Keys {
    by_serial: BTreeMap<SerialNo, Entry>,
    /// The public key given last; it is the one that is asked for.
    public_key_id: Option<SerialNo>,
}

#[derive(Debug)]
enum Entry {
    PublicKey(PublicKey),
    Certificate(Certificate),
}

/// Which kinds of key a ring holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMode {
    /// None: nothing can be verified until certificates are downloaded.
    Empty,
    /// Downloaded certificates only.
    Certificates,
    /// WeChat Pay public keys only.
    PublicKey,
    /// Both, as during a change from one to the other.
    Both,
}

impl KeyRing {
    /// A ring without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a WeChat Pay public key under its id (`PUB_KEY_ID_…`).
    ///
    /// A key under the serial of a certificate is taken too; it never expires and is not asked for.
    #[must_use]
    pub fn with_public_key(self, id: SerialNo, key: PublicKey) -> Self {
        let mut keys = self.write();
        if id.is_public_key_id() {
            keys.public_key_id = Some(id.clone());
        }
        keys.by_serial.insert(id, Entry::PublicKey(key));
        drop(keys);
        self
    }

    /// Adds a certificate of the platform, or replaces the one of the same serial.
    pub fn insert_certificate(&self, certificate: Certificate) {
        let serial = certificate.serial_no().clone();
        self.write()
            .by_serial
            .insert(serial, Entry::Certificate(certificate));
    }

    /// Takes over the certificates of another ring of the same merchant, so that a change of other
    /// keys does not begin with a download.
    pub fn adopt_certificates(&self, other: &Self) {
        let certificates: Vec<_> = other.read().certificates().cloned().collect();
        for certificate in certificates {
            self.insert_certificate(certificate);
        }
    }

    /// Forgets the certificates that are no longer valid at `now` (seconds since 1970).
    pub fn forget_expired(&self, now: i64) {
        self.write().by_serial.retain(|_, entry| match entry {
            Entry::PublicKey(_) => true,
            Entry::Certificate(certificate) => certificate.not_after().as_second() >= now,
        });
    }

    /// The key of this name, as a header spells it.
    pub fn find(&self, serial: &str) -> Option<PublicKey> {
        self.read()
            .by_serial
            .get(serial)
            .map(|entry| entry.key().clone())
    }

    /// The names of all keys.
    pub fn serials(&self) -> Vec<SerialNo> {
        self.read().by_serial.keys().cloned().collect()
    }

    /// What `Wechatpay-Serial` says in every request: the public key's id when there is one, else
    /// the newest certificate's serial. It tells the platform which key to sign the answer with.
    pub fn advertised(&self) -> Option<SerialNo> {
        let keys = self.read();
        let newest = || {
            keys.newest_certificate()
                .map(|certificate| certificate.serial_no().clone())
        };
        keys.public_key_id.clone().or_else(newest)
    }

    /// The key to encrypt a sensitive field to, with the name to put into `Wechatpay-Serial`.
    pub fn for_encryption(&self) -> Option<(SerialNo, PublicKey)> {
        let serial = self.advertised()?;
        let key = self.find(serial.as_str())?;
        Some((serial, key))
    }

    /// Which kinds of key there are.
    pub fn mode(&self) -> KeyMode {
        let keys = self.read();
        let certificates = keys
            .by_serial
            .values()
            .any(|entry| matches!(entry, Entry::Certificate(_)));
        let public_keys = keys
            .by_serial
            .values()
            .any(|entry| matches!(entry, Entry::PublicKey(_)));
        match (certificates, public_keys) {
            (false, false) => KeyMode::Empty,
            (true, false) => KeyMode::Certificates,
            (false, true) => KeyMode::PublicKey,
            (true, true) => KeyMode::Both,
        }
    }

    /// When the newest certificate became valid, for a page that shows the state of the keys.
    pub fn newest_certificate_since(&self) -> Option<Timestamp> {
        self.read()
            .newest_certificate()
            .map(Certificate::not_before)
    }

    /// A ring cannot be left half changed, so a panic elsewhere does not make it unusable.
    fn read(&self) -> RwLockReadGuard<'_, Keys> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Keys> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys {
    fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.by_serial.values().filter_map(|entry| match entry {
            Entry::PublicKey(_) => None,
            Entry::Certificate(certificate) => Some(certificate),
        })
    }

    fn newest_certificate(&self) -> Option<&Certificate> {
        self.certificates()
            .max_by_key(|certificate| certificate.not_before())
    }
}

impl Entry {
    fn key(&self) -> &PublicKey {
        match self {
            Self::PublicKey(key) => key,
            Self::Certificate(certificate) => certificate.public_key(),
        }
    }
}
