use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{
    KeyPair, KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

#[cfg(feature = "simulation")]
use super::simulated::SimulatedKey;
use super::{KeyError, OpenError, PublicKey, pem};

const WANTED: &str = "a private key";

/// A merchant's RSA private key, parsed once; clones share it.
///
/// ```
/// use wechatpay::crypto::PrivateKey;
///
/// let key = PrivateKey::generate(); // or `PrivateKey::from_pem(&text)?`
/// let signature = key.sign(b"message");
/// key.public_key().verify(b"message", &signature)?;
///
/// assert_eq!(format!("{key:?}"), "PrivateKey([redacted])");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PrivateKey(Kind);

#[derive(Clone)]
enum Kind {
    Rsa(Arc<Rsa>),
    #[cfg(feature = "simulation")]
    Simulated(SimulatedKey),
}

struct Rsa {
    signing: KeyPair,
    opening: OaepPrivateDecryptingKey,
    public: PublicKey,
}

impl PrivateKey {
    /// Reads PEM text in PKCS#8 (`BEGIN PRIVATE KEY`) or PKCS#1 (`BEGIN RSA PRIVATE KEY`).
    ///
    /// # Errors
    /// [`KeyError`] when the text is something else, and it says what; when it is damaged; or when
    /// the key is not RSA of 2048 to 8192 bits.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let pem = pem::read(text, WANTED)?;
        let parsed = match pem.label {
            "PRIVATE KEY" => KeyPair::from_pkcs8(&pem.der),
            "RSA PRIVATE KEY" => KeyPair::from_der(&pem.der),
            #[cfg(feature = "simulation")]
            SimulatedKey::PRIVATE_LABEL => {
                let key = SimulatedKey::from_pem_body(&pem.der, WANTED)?;
                return Ok(Self(Kind::Simulated(key)));
            }
            other => {
                return Err(KeyError::WrongKind {
                    wanted: WANTED,
                    found: pem::describe(other),
                });
            }
        };
        let signing = parsed.map_err(|_| unusable())?;
        Self::from_key_pair(signing)
    }

    /// Makes a fresh 2048-bit key, for tests and for those who play the platform's part; a
    /// merchant's own key comes with its certificate. Takes about a tenth of a second.
    pub fn generate() -> Self {
        KeyPair::generate(KeySize::Rsa2048)
            .ok()
            .and_then(|pair| Self::from_key_pair(pair).ok())
            .expect("making a 2048-bit RSA key needs nothing but memory and chance")
    }

    fn from_key_pair(signing: KeyPair) -> Result<Self, KeyError> {
        let pkcs8: Pkcs8V1Der<'_> = signing.as_der().map_err(|_| unusable())?;
        let opening = PrivateDecryptingKey::from_pkcs8(pkcs8.as_ref())
            .map_err(|_| unusable())
            .and_then(|key| OaepPrivateDecryptingKey::new(key).map_err(|_| unusable()))?;
        let spki: PublicKeyX509Der<'_> = signing.public_key().as_der().map_err(|_| unusable())?;
        let public = PublicKey::from_spki(spki.as_ref())?;
        let rsa = Rsa {
            signing,
            opening,
            public,
        };
        Ok(Self(Kind::Rsa(Arc::new(rsa))))
    }

    /// A key for simulations, never for production: its signatures are HMAC-SHA256 under a secret
    /// that its public half holds too. They cost a microsecond and prove nothing.
    #[cfg(feature = "simulation")]
    pub fn simulated(secret: [u8; 32]) -> Self {
        Self(Kind::Simulated(SimulatedKey::new(secret)))
    }

    /// The PEM text of a key for simulations (`BEGIN SIMULATED PRIVATE KEY`), which
    /// [`PrivateKey::from_pem`] reads in a program that was built for them.
    #[cfg(feature = "simulation")]
    pub fn simulated_pem(secret: [u8; 32]) -> String {
        SimulatedKey::new(secret).to_pem(SimulatedKey::PRIVATE_LABEL)
    }

    /// Signs with SHA-256 and RSASSA-PKCS1-v1_5, in standard base64. Deterministic.
    ///
    /// Costs about 0.23 ms of a core with a 2048-bit key, and does not wait for anything.
    pub fn sign(&self, message: &[u8]) -> String {
        match &self.0 {
            Kind::Rsa(key) => key.sign(message),
            #[cfg(feature = "simulation")]
            Kind::Simulated(key) => key.sign(message),
        }
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        match &self.0 {
            Kind::Rsa(key) => key.public.clone(),
            #[cfg(feature = "simulation")]
            Kind::Simulated(key) => PublicKey::simulated(key.clone()),
        }
    }

    /// Opens a field that was encrypted to this key with RSA-OAEP (SHA-1, MGF1 with SHA-1, no
    /// label), in base64.
    ///
    /// The hash is the one of the official SDKs; one page of WeChat's FAQ names SHA-256, so it is
    /// uncertain for interfaces other than those the SDKs cover.
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4013053257
    ///
    /// # Errors
    /// [`OpenError::NotBase64`], or [`OpenError::WrongKey`] when it was made for another key.
    pub fn decrypt_oaep(&self, ciphertext_base64: &str) -> Result<Vec<u8>, OpenError> {
        let ciphertext = BASE64_STANDARD
            .decode(ciphertext_base64)
            .map_err(|_| OpenError::NotBase64)?;
        match &self.0 {
            Kind::Rsa(key) => key.decrypt_oaep(&ciphertext),
            // A simulated key seals nothing, so nothing was sealed with it.
            #[cfg(feature = "simulation")]
            Kind::Simulated(_) => Err(OpenError::WrongKey),
        }
    }
}

impl Rsa {
    fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.signing.public_modulus_len()];
        self.signing
            .sign(&RSA_PKCS1_SHA256, &unused_random(), message, &mut signature)
            .expect("a parsed RSA key signs any message into a buffer of its own length");
        BASE64_STANDARD.encode(signature)
    }

    fn decrypt_oaep(&self, ciphertext: &[u8]) -> Result<Vec<u8>, OpenError> {
        let mut output = vec![0; self.opening.min_output_size()];
        let length = self
            .opening
            .decrypt(&OAEP_SHA1_MGF1SHA1, ciphertext, &mut output, None)
            .map_err(|_| OpenError::WrongKey)?
            .len();
        output.truncate(length);
        Ok(output)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey([redacted])")
    }
}

const fn unusable() -> KeyError {
    KeyError::Damaged {
        wanted: WANTED,
        reason: "it is not an RSA key of at least 2048 bits",
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "`sign` wants a source of chance, and PKCS1-v1_5 draws nothing from it"
)]
fn unused_random() -> aws_lc_rs::rand::SystemRandom {
    aws_lc_rs::rand::SystemRandom::new()
}
