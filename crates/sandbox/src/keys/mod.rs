//! Key material: what the merchant holds, what the platform holds, and who vouches for both.

mod folder;
mod generate;
#[cfg(feature = "simulation")]
mod simulated;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use wechatpay::crypto::{Certificate, KeyError, PrivateKey, PublicKey, SerialNo};

pub(crate) use generate::Issuer;

/// Where the keys of a sandbox come from.
#[derive(Clone, Debug, Default)]
pub enum KeySource {
    /// New keys at every start. Four RSA keys: a fraction of a second.
    #[default]
    Generate,
    /// Read from a folder, or made and saved there when the folder is empty, so that a client can
    /// keep what it was configured with.
    Folder(PathBuf),
    /// Keys that the caller holds, for instance [`Keys::shared`].
    Given(Arc<Keys>),
}

/// Everything that a reset keeps.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Issues certificates, also for merchants that are added later.
    pub issuer: Arc<Issuer>,
    /// Signs answers and notifications.
    pub platform: PlatformCertificate,
    /// The default merchant's.
    pub merchant: MerchantKeys,
    /// The default merchant's names and secrets.
    pub identity: Identity,
}

/// A platform certificate with the key behind it.
#[derive(Clone, Debug)]
pub struct PlatformCertificate {
    /// What `GET /v3/certificates` hands out.
    pub certificate: Certificate,
    /// What only WeChat has.
    pub key: PrivateKey,
    key_pem: Secret,
}

/// The keys of one merchant, both halves of each: a laptop plays both sides.
#[derive(Clone, Debug)]
pub struct MerchantKeys {
    /// The merchant API certificate; its common name is the mchid.
    pub certificate: Certificate,
    /// What the merchant's signatures are checked with: the certificate's key.
    pub own_key: PublicKey,
    key_pem: Secret,
    /// `PUB_KEY_ID_…`.
    pub public_key_id: SerialNo,
    /// The private half of the "WeChat Pay public key".
    pub public_key: PrivateKey,
    public_key_private_pem: Secret,
}

/// A merchant's names and secrets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Identity {
    /// The merchant number.
    pub mchid: String,
    /// Shown in the cashier.
    pub name: String,
    /// The mini programs bound to it; never empty.
    pub apps: Vec<AppIdentity>,
    /// Exactly 32 bytes.
    pub api_v3_key: String,
}

/// A mini program's name and secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AppIdentity {
    /// `wx` and 16 hex digits.
    pub appid: String,
    /// 32 hex digits.
    pub app_secret: String,
}

/// Text that never shows itself in a log.
#[derive(Clone)]
struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

impl MerchantKeys {
    /// PKCS#8, as `apiclient_key.pem`.
    pub fn key_pem(&self) -> &str {
        &self.key_pem.0
    }
}

/// Why keys could not be had. Nothing was started.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The generator failed.
    #[error("could not generate keys")]
    Generate(#[from] rcgen::Error),
    /// A file or folder could not be read or written.
    #[error("key file {path}: {source}")]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A PEM is not what it should be.
    #[error("key file {file}")]
    Pem {
        /// Which one.
        file: String,
        /// What is wrong with it.
        source: KeyError,
    },
    /// `merchant.json` does not say what it should.
    #[error("merchant.json")]
    Identity(#[from] serde_json::Error),
    /// The folder holds some of the files but not all.
    #[error("{0} holds key files but no merchant.json: name an empty folder, or restore the file")]
    Incomplete(PathBuf),
}

impl Keys {
    /// Keys made once per process and shared: fast tests start many sandboxes with them. The first
    /// call takes a fraction of a second, in which it blocks its thread.
    ///
    /// # Panics
    /// If the generator fails, which it does not on a working machine.
    pub fn shared() -> Arc<Self> {
        static SHARED: OnceLock<Arc<Keys>> = OnceLock::new();
        let make = || Arc::new(Self::generate().expect("RSA-2048 keys can be generated"));
        SHARED.get_or_init(make).clone()
    }

    /// A platform certificate more, to be rotated in later: made with the machine's chance, so a
    /// program that repeats itself makes it beforehand.
    ///
    /// # Errors
    /// [`KeysError::Generate`].
    pub fn spare_certificate(&self) -> Result<PlatformCertificate, KeysError> {
        PlatformCertificate::generate(&self.issuer)
    }

    /// Gets the keys from where the source says. Generating takes a core for up to a second, so
    /// async callers put this on a blocking thread.
    pub fn load(source: KeySource) -> Result<Arc<Self>, KeysError> {
        match source {
            KeySource::Generate => Self::generate().map(Arc::new),
            KeySource::Folder(path) => folder::load_or_create(&path).map(Arc::new),
            KeySource::Given(keys) => Ok(keys),
        }
    }
}

fn parse<T>(file: &str, parsed: Result<T, KeyError>) -> Result<T, KeysError> {
    parsed.map_err(|source| KeysError::Pem {
        file: file.to_owned(),
        source,
    })
}
