use jiff::Timestamp;

use crate::MchId;
use crate::crypto::{ApiV3Key, Certificate, OpenError, PrivateKey, SerialNo};

/// What a merchant is towards WeChat: a number, a signing key with its serial, and the APIv3 key.
///
/// ```
/// # fn read(_: &str) -> &'static str { "0123456789abcdef0123456789abcdef" }
/// use wechatpay::crypto::{ApiV3Key, PrivateKey, SerialNo};
/// use wechatpay::{MchId, Merchant};
///
/// let merchant = Merchant::new(
///     MchId::new("1900007291")?,
///     SerialNo::new("408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB")?,
///     PrivateKey::generate(), // PrivateKey::from_pem(&apiclient_key)?
///     ApiV3Key::new(read("api_v3_key"))?,
/// );
/// assert_eq!(merchant.mch_id().as_str(), "1900007291");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Merchant {
    mch_id: MchId,
    serial_no: SerialNo,
    private_key: PrivateKey,
    api_v3_key: ApiV3Key,
    previous: Option<PreviousKey>,
}

/// The APIv3 key of before a change, and when it ends.
#[derive(Clone, Debug)]
struct PreviousKey {
    key: ApiV3Key,
    until: Timestamp,
}

/// A merchant's settings that do not belong together. Every request would be refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyMismatch {
    /// The serial is not the certificate's.
    #[error(
        "the serial number {configured} is configured, and the certificate has {certificate}; \
         set the certificate's"
    )]
    Serial {
        /// As configured.
        configured: SerialNo,
        /// As the certificate has it.
        certificate: SerialNo,
    },
    /// The private key is not the certificate's.
    #[error(
        "the private key (public half: {private_key}) does not belong to the certificate \
         {certificate} (public key: {certificate_key}); take both files from the same folder"
    )]
    PrivateKey {
        /// The fingerprint of the private key's public half.
        private_key: String,
        /// The serial of the certificate.
        certificate: SerialNo,
        /// The fingerprint of the certificate's public key.
        certificate_key: String,
    },
}

impl Merchant {
    /// Puts a merchant together, unchecked; see [`Merchant::with_certificate`].
    pub const fn new(
        mch_id: MchId,
        serial_no: SerialNo,
        private_key: PrivateKey,
        api_v3_key: ApiV3Key,
    ) -> Self {
        Self {
            mch_id,
            serial_no,
            private_key,
            api_v3_key,
            previous: None,
        }
    }

    /// Opens what is sealed with the APIv3 key of before a change too, until `until`.
    ///
    /// What the platform sealed before the change is sent again as it was sealed, for a day, and
    /// the change reaches the platform and this process at two moments. After `until` the old key
    /// opens nothing: it was changed for a reason.
    #[must_use]
    pub fn with_previous_api_v3_key(mut self, key: ApiV3Key, until: Timestamp) -> Self {
        self.previous = Some(PreviousKey { key, until });
        self
    }

    /// Checks the private key and the serial against the merchant's certificate
    /// (`apiclient_cert.pem`).
    ///
    /// # Errors
    /// [`KeyMismatch`], naming both sides.
    pub fn with_certificate(self, certificate: &Certificate) -> Result<Self, KeyMismatch> {
        let own = self.private_key.public_key();
        if own != *certificate.public_key() {
            return Err(KeyMismatch::PrivateKey {
                private_key: own.fingerprint(),
                certificate: certificate.serial_no().clone(),
                certificate_key: certificate.public_key().fingerprint(),
            });
        }
        if self.serial_no != *certificate.serial_no() {
            return Err(KeyMismatch::Serial {
                configured: self.serial_no,
                certificate: certificate.serial_no().clone(),
            });
        }
        Ok(self)
    }

    /// The merchant number.
    pub const fn mch_id(&self) -> &MchId {
        &self.mch_id
    }

    /// The serial of the merchant's certificate.
    pub const fn serial_no(&self) -> &SerialNo {
        &self.serial_no
    }

    /// The key that signs requests.
    pub const fn private_key(&self) -> &PrivateKey {
        &self.private_key
    }

    /// The key that opens notifications.
    pub const fn api_v3_key(&self) -> &ApiV3Key {
        &self.api_v3_key
    }

    /// Opens what the platform sealed, with the present key or, as of `now` (seconds since 1970)
    /// and while it has not ended, with the previous one.
    pub(crate) fn open(
        &self,
        now: i64,
        nonce: &str,
        associated_data: &str,
        ciphertext: &str,
    ) -> Result<Vec<u8>, OpenError> {
        let open = |key: &ApiV3Key| key.open(nonce, associated_data, ciphertext);
        match (open(&self.api_v3_key), &self.previous) {
            (Err(OpenError::WrongKey), Some(previous)) if now < previous.until.as_second() => {
                let opened = open(&previous.key)?;
                tracing::debug!("opened with the previous APIv3 key");
                Ok(opened)
            }
            (outcome, _) => outcome,
        }
    }
}
