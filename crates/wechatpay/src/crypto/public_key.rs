use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

#[cfg(feature = "simulation")]
use super::simulated::SimulatedKey;
use super::{KeyError, SIGNTEST_PREFIX, SealError, SignatureError, pem};

const WANTED: &str = "a public key";
const FINGERPRINT_BYTES: usize = 8;
const LABEL: &str = "PUBLIC KEY";

/// An RSA public key, parsed once; clones share it.
///
/// ```
/// # let pem = include_str!(concat!(
/// #     env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/documentation_public_key.pem"));
/// use wechatpay::crypto::{PublicKey, SignatureError};
///
/// let key = PublicKey::from_pem(pem)?;
/// assert_eq!(key.verify(b"message", "bm90IHRoaXM="), Err(SignatureError::Mismatch));
/// # Ok::<(), wechatpay::crypto::KeyError>(())
/// ```
#[derive(Clone)]
pub struct PublicKey(Kind);

#[derive(Clone)]
enum Kind {
    Rsa(Arc<Rsa>),
    #[cfg(feature = "simulation")]
    Simulated(SimulatedKey),
}

struct Rsa {
    verifying: ParsedPublicKey,
    sealing: OaepPublicEncryptingKey,
    spki: Vec<u8>,
}

impl PublicKey {
    /// Reads PEM text (`BEGIN PUBLIC KEY`), as in the `pub_key.pem` of the merchant platform.
    ///
    /// # Errors
    /// [`KeyError`] when the text is something else, and it says what; when it is damaged; or when
    /// the key is not RSA of 2048 to 8192 bits.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let pem = pem::read(text, WANTED)?;
        match pem.label {
            LABEL => Self::from_spki(&pem.der),
            #[cfg(feature = "simulation")]
            SimulatedKey::PUBLIC_LABEL => {
                SimulatedKey::from_pem_body(&pem.der, WANTED).map(Self::simulated)
            }
            other => Err(KeyError::WrongKind {
                wanted: WANTED,
                found: pem::describe(other),
            }),
        }
    }

    #[cfg(feature = "simulation")]
    pub(super) fn simulated(key: SimulatedKey) -> Self {
        Self(Kind::Simulated(key))
    }

    pub(super) fn from_spki(spki: &[u8]) -> Result<Self, KeyError> {
        let unusable = KeyError::Damaged {
            wanted: WANTED,
            reason: "it is not an RSA key of at least 2048 bits",
        };
        let verifying = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, spki)
            .map_err(|_| unusable.clone())?;
        let sealing = PublicEncryptingKey::from_der(spki)
            .map_err(|_| unusable.clone())
            .and_then(|key| OaepPublicEncryptingKey::new(key).map_err(|_| unusable))?;
        let rsa = Rsa {
            verifying,
            sealing,
            spki: spki.to_vec(),
        };
        Ok(Self(Kind::Rsa(Arc::new(rsa))))
    }

    /// Checks a signature (SHA-256, RSASSA-PKCS1-v1_5, standard base64). Costs about 16 µs.
    ///
    /// # Errors
    /// [`SignatureError`]; every one of them means that the message is not to be believed.
    pub fn verify(&self, message: &[u8], signature_base64: &str) -> Result<(), SignatureError> {
        if signature_base64.starts_with(SIGNTEST_PREFIX) {
            return Err(SignatureError::Probe);
        }
        let signature = BASE64_STANDARD
            .decode(signature_base64)
            .map_err(|_| SignatureError::NotBase64)?;
        let holds = match &self.0 {
            Kind::Rsa(key) => key.verifying.verify_sig(message, &signature).is_ok(),
            #[cfg(feature = "simulation")]
            Kind::Simulated(key) => key.verifies(message, &signature),
        };
        holds.then_some(()).ok_or(SignatureError::Mismatch)
    }

    /// Encrypts a sensitive field with RSA-OAEP (SHA-1, MGF1 with SHA-1, no label), in base64.
    ///
    /// The request then has to name this key in `Wechatpay-Serial`.
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4013053257
    ///
    /// # Errors
    /// [`SealError::TooLong`] above 214 bytes (for a 2048-bit key).
    pub fn encrypt_oaep(&self, plaintext: &[u8]) -> Result<String, SealError> {
        match &self.0 {
            Kind::Rsa(key) => key.encrypt_oaep(plaintext),
            // There is nothing in it that could keep a secret.
            #[cfg(feature = "simulation")]
            Kind::Simulated(_) => Err(SealError::TooLong {
                length: plaintext.len(),
                limit: 0,
            }),
        }
    }

    /// The first 8 bytes of the SHA-256 of the key, in hexadecimal: enough to tell two keys apart.
    ///
    /// The same as `openssl pkey -pubin -outform DER | sha256sum` begins with.
    pub fn fingerprint(&self) -> String {
        let digest = digest(&SHA256, self.encoded());
        digest
            .as_ref()
            .iter()
            .take(FINGERPRINT_BYTES)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// The key as PEM text, for `openssl` and for logs.
    pub fn to_pem(&self) -> String {
        match &self.0 {
            Kind::Rsa(key) => pem::write(LABEL, &key.spki),
            #[cfg(feature = "simulation")]
            Kind::Simulated(key) => key.to_pem(SimulatedKey::PUBLIC_LABEL),
        }
    }

    fn encoded(&self) -> &[u8] {
        match &self.0 {
            Kind::Rsa(key) => &key.spki,
            #[cfg(feature = "simulation")]
            Kind::Simulated(key) => key.secret(),
        }
    }
}

impl Rsa {
    fn encrypt_oaep(&self, plaintext: &[u8]) -> Result<String, SealError> {
        let too_long = SealError::TooLong {
            length: plaintext.len(),
            limit: self.sealing.max_plaintext_size(&OAEP_SHA1_MGF1SHA1),
        };
        let mut ciphertext = vec![0; self.sealing.ciphertext_size()];
        self.sealing
            .encrypt(&OAEP_SHA1_MGF1SHA1, plaintext, &mut ciphertext, None)
            .map_err(|_| too_long)?;
        Ok(BASE64_STANDARD.encode(ciphertext))
    }
}

/// Two keys are equal when they are the same key, wherever they were read from.
impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.encoded() == other.encoded()
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Rsa(_) => f.write_str("PublicKey(RSA)"),
            #[cfg(feature = "simulation")]
            Kind::Simulated(_) => f.write_str("PublicKey(simulated)"),
        }
    }
}
