use std::fmt;

use http::HeaderMap;

use super::NotificationError;
use crate::crypto::SIGNATURE_SCHEME;
use crate::signed::{NONCE, REQUEST_ID, SERIAL, SIGNATURE, SIGNATURE_TYPE, Signed, TIMESTAMP};

/// The headers that a notification is verified with.
///
/// ```
/// use http::HeaderMap;
/// use wechatpay::{NotificationError, NotificationHeaders};
///
/// let mut headers = HeaderMap::new();
/// headers.insert("Wechatpay-Timestamp", "1624523846".parse().unwrap());
/// assert_eq!(
///     NotificationHeaders::from_http(&headers).unwrap_err(),
///     NotificationError::MissingHeader("Wechatpay-Nonce"),
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct NotificationHeaders {
    /// `Wechatpay-Timestamp`: seconds since 1970.
    pub timestamp: String,
    /// `Wechatpay-Nonce`.
    pub nonce: String,
    /// `Wechatpay-Signature`: base64. `Debug` does not show it.
    pub signature: String,
    /// `Wechatpay-Serial`: the name of the platform's key.
    pub serial: String,
    /// `Request-ID`: what WeChat's support asks for.
    pub request_id: Option<String>,
}

impl NotificationHeaders {
    /// Takes the headers out of a request.
    ///
    /// # Errors
    /// [`NotificationError::MissingHeader`] names the first that is missing;
    /// [`NotificationError::OtherScheme`] when another kind of signature is announced.
    pub fn from_http(headers: &HeaderMap) -> Result<Self, NotificationError> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let wanted = |name| {
            text(name)
                .map(str::to_owned)
                .ok_or(NotificationError::MissingHeader(name))
        };
        if text(SIGNATURE_TYPE).is_some_and(|scheme| scheme != SIGNATURE_SCHEME) {
            return Err(NotificationError::OtherScheme);
        }
        Ok(Self {
            timestamp: wanted(TIMESTAMP)?,
            nonce: wanted(NONCE)?,
            signature: wanted(SIGNATURE)?,
            serial: wanted(SERIAL)?,
            request_id: text(REQUEST_ID).map(str::to_owned),
        })
    }

    pub(crate) fn signed(&self) -> Signed<'_> {
        Signed {
            timestamp: &self.timestamp,
            nonce: &self.nonce,
            signature: &self.signature,
        }
    }
}

impl fmt::Debug for NotificationHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotificationHeaders")
            .field("timestamp", &self.timestamp)
            .field("serial", &self.serial)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}
