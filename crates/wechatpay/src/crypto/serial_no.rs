use std::fmt;

use super::KeyError;

const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_";

/// The digits of a serial number: 20 bytes in hexadecimal, as WeChat's authority issues them.
const SERIAL_DIGITS: usize = 40;

/// No identifier of a public key is longer by half; more than this did not come from WeChat.
const MAX_PUBLIC_KEY_ID: usize = 64;

/// How much of a refused text is kept for the message.
const SHOWN_CHARS: usize = 80;

/// The name of a key: the serial number of a certificate, or the id of a WeChat Pay public key.
///
/// ```
/// use wechatpay::crypto::SerialNo;
///
/// let serial = SerialNo::new("408b07e79b8269fec3d5d3e6ab8ed163a6a380db")?;
/// assert_eq!(serial.as_str(), "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB");
/// assert!(SerialNo::new("PUB_KEY_ID_0114232134912410000000000000")?.is_public_key_id());
/// # Ok::<(), wechatpay::crypto::KeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialNo(String);

impl SerialNo {
    /// Takes 40 hexadecimal digits, made upper-case, or `PUB_KEY_ID_` and what follows it.
    ///
    /// # Errors
    /// [`KeyError::BadSerial`] for anything else.
    pub fn new(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let lawful = match text.strip_prefix(PUBLIC_KEY_ID) {
            Some(id) => {
                !id.is_empty()
                    && text.len() <= MAX_PUBLIC_KEY_ID
                    && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }
            None => {
                text.len() == SERIAL_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
        };
        match (lawful, text.starts_with(PUBLIC_KEY_ID)) {
            (true, true) => Ok(Self(text.to_owned())),
            (true, false) => Ok(Self(text.to_ascii_uppercase())),
            (false, _) => Err(KeyError::BadSerial(
                text.chars().take(SHOWN_CHARS).collect(),
            )),
        }
    }

    /// The serial that a certificate carries, however long: certificates in tests and from other
    /// authorities may have short ones, and what is printed in them is not ours to judge.
    pub(super) fn from_certificate(bytes: &[u8]) -> Self {
        let significant = bytes
            .strip_prefix(&[0])
            .filter(|rest| !rest.is_empty())
            .unwrap_or(bytes);
        Self(
            significant
                .iter()
                .map(|byte| format!("{byte:02X}"))
                .collect(),
        )
    }

    /// The text, as it stands in `Wechatpay-Serial`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this names a WeChat Pay public key rather than a certificate.
    pub fn is_public_key_id(&self) -> bool {
        self.0.starts_with(PUBLIC_KEY_ID)
    }
}

impl fmt::Display for SerialNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A map keyed by serial can be asked with the text of a header.
impl std::borrow::Borrow<str> for SerialNo {
    fn borrow(&self) -> &str {
        &self.0
    }
}
