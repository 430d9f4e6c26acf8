use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use x509_cert::Certificate as X509;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::time::Time;

use super::{KeyError, PublicKey, SerialNo, pem};

const WANTED: &str = "a certificate";
const LABEL: &str = "CERTIFICATE";

/// An X.509 certificate of the merchant or of the platform, parsed once; clones share it.
///
/// Neither its issuer nor its dates are judged here: the platform's certificates reach us through
/// an authenticated channel, and a clock is the business of whoever uses them.
///
/// ```
/// # let pem = include_str!(concat!(
/// #     env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/certificate.pem"));
/// use wechatpay::crypto::Certificate;
///
/// let certificate = Certificate::from_pem(pem)?;
/// assert_eq!(certificate.serial_no().as_str(), "5157F09EFDC096DE15EBE81A47057A7232F1B8E1");
/// assert!(certificate.not_before() < certificate.not_after());
/// # Ok::<(), wechatpay::crypto::KeyError>(())
/// ```
#[derive(Clone)]
pub struct Certificate(Arc<Parsed>);

struct Parsed {
    serial_no: SerialNo,
    public_key: PublicKey,
    not_before: Timestamp,
    not_after: Timestamp,
    pem: String,
}

impl Certificate {
    /// Reads PEM text (`BEGIN CERTIFICATE`).
    ///
    /// # Errors
    /// [`KeyError`] when the text is something else, and it says what; when it is damaged; or when
    /// its key is not RSA of at least 2048 bits.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let pem = pem::read(text, WANTED)?;
        if pem.label != LABEL {
            return Err(KeyError::WrongKind {
                wanted: WANTED,
                found: pem::describe(pem.label),
            });
        }
        let damaged = |reason| KeyError::Damaged {
            wanted: WANTED,
            reason,
        };
        let x509 = X509::from_der(&pem.der).map_err(|_| damaged("it is not X.509"))?;
        let inner = x509.tbs_certificate();
        let spki = inner
            .subject_public_key_info()
            .to_der()
            .map_err(|_| damaged("its public key cannot be read"))?;
        let dates = || damaged("its dates cannot be read");
        Ok(Self(Arc::new(Parsed {
            serial_no: SerialNo::from_certificate(inner.serial_number().as_bytes()),
            public_key: PublicKey::from_spki(&spki)?,
            not_before: timestamp(inner.validity().not_before).ok_or_else(dates)?,
            not_after: timestamp(inner.validity().not_after).ok_or_else(dates)?,
            pem: pem::write(LABEL, &pem.der),
        })))
    }

    /// The serial number, as `Wechatpay-Serial` and `serial_no` spell it: upper-case hexadecimal.
    pub fn serial_no(&self) -> &SerialNo {
        &self.0.serial_no
    }

    /// The key that it certifies.
    pub fn public_key(&self) -> &PublicKey {
        &self.0.public_key
    }

    /// The first moment at which it is valid.
    pub fn not_before(&self) -> Timestamp {
        self.0.not_before
    }

    /// The last moment at which it is valid.
    pub fn not_after(&self) -> Timestamp {
        self.0.not_after
    }

    /// The certificate as PEM text, with line breaks where the standard has them.
    pub fn pem(&self) -> &str {
        &self.0.pem
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("serial_no", &self.0.serial_no.as_str())
            .field("not_before", &self.0.not_before)
            .field("not_after", &self.0.not_after)
            .finish()
    }
}

fn timestamp(time: Time) -> Option<Timestamp> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
    Timestamp::from_second(seconds).ok()
}
