use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::{KeyError, OpenError, SealError};

/// The 32 bytes that a merchant sets in the merchant platform, used raw as an AES-256-GCM key.
///
/// It opens notifications and the platform's certificates. The platform seals; [`ApiV3Key::seal`]
/// is for those who play its part.
///
/// ```
/// use wechatpay::crypto::ApiV3Key;
///
/// let key = ApiV3Key::new("a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb")?;
/// let sealed = key.seal("uluk4a9R25RW", "associatedData", b"message")?;
/// assert_eq!(sealed, "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=");
/// assert_eq!(key.open("uluk4a9R25RW", "associatedData", &sealed)?, b"message");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ApiV3Key(Arc<LessSafeKey>);

impl ApiV3Key {
    /// Takes the key as it was typed into the merchant platform.
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4012075420
    ///
    /// # Errors
    /// [`KeyError::ApiV3KeyLength`] unless it has exactly 32 bytes.
    pub fn new(text: &str) -> Result<Self, KeyError> {
        let wrong_length = |_| KeyError::ApiV3KeyLength(text.len());
        let key = UnboundKey::new(&AES_256_GCM, text.as_bytes()).map_err(wrong_length)?;
        Ok(Self(Arc::new(LessSafeKey::new(key))))
    }

    /// Encrypts: base64 of the ciphertext and its 16-byte tag.
    ///
    /// A nonce must never serve twice with one key.
    ///
    /// # Errors
    /// [`SealError::NonceLength`] unless the nonce has 12 bytes.
    pub fn seal(
        &self,
        nonce: &str,
        associated_data: &str,
        plaintext: &[u8],
    ) -> Result<String, SealError> {
        let nonce = read_nonce(nonce).ok_or(SealError::NonceLength(nonce.len()))?;
        let mut bytes = Vec::with_capacity(plaintext.len() + AES_256_GCM.tag_len());
        bytes.extend_from_slice(plaintext);
        let limit = usize::try_from(MAX_PLAINTEXT).unwrap_or(usize::MAX);
        self.0
            .seal_in_place_append_tag(nonce, Aad::from(associated_data), &mut bytes)
            .map_err(|_| SealError::TooLong {
                length: plaintext.len(),
                limit,
            })?;
        Ok(BASE64_STANDARD.encode(bytes))
    }

    /// Decrypts what [`seal`](Self::seal) or the platform made.
    ///
    /// # Errors
    /// [`OpenError`]; a tag that does not fit means another key, another merchant, or damage.
    pub fn open(
        &self,
        nonce: &str,
        associated_data: &str,
        ciphertext_base64: &str,
    ) -> Result<Vec<u8>, OpenError> {
        let nonce = read_nonce(nonce).ok_or(OpenError::NonceLength(nonce.len()))?;
        let mut bytes = BASE64_STANDARD
            .decode(ciphertext_base64)
            .map_err(|_| OpenError::NotBase64)?;
        let length = self
            .0
            .open_in_place(nonce, Aad::from(associated_data), &mut bytes)
            .map_err(|_| OpenError::WrongKey)?
            .len();
        bytes.truncate(length);
        Ok(bytes)
    }
}

impl fmt::Debug for ApiV3Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiV3Key([redacted])")
    }
}

/// What AES-GCM takes under one nonce: 2³² − 2 blocks of 16 bytes, which is 64 GiB.
const MAX_PLAINTEXT: u64 = 0x000F_FFFF_FFE0;

fn read_nonce(text: &str) -> Option<Nonce> {
    let bytes: [u8; NONCE_LEN] = text.as_bytes().try_into().ok()?;
    Some(Nonce::assume_unique_for_key(bytes))
}
