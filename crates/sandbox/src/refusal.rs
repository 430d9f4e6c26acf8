//! WeChat's error answers: status, code, message, `detail`, and the internal number that ends the
//! `Request-ID` header.
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4012081709 (body), 4012072670 (signature messages).

use serde_json::{Value, json};

/// The internal number when nothing more exact is known.
pub(crate) const ILLEGAL_PARAMETER: u32 = 268_435_461;
/// A value outside its documented range.
pub(crate) const OUT_OF_RANGE: u32 = 268_435_464;
/// A member that the documentation does not have.
pub(crate) const EXTRA_PARAMETER: u32 = 270_924_358;
/// The signature does not hold.
pub(crate) const SIGN_ERROR: u32 = 268_443_699;

/// A refusal as the merchant sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// The code that a client branches on.
    pub code: String,
    /// For humans, in Chinese as WeChat writes it.
    pub message: String,
    /// Which member was wrong, and how.
    pub detail: Option<Value>,
    /// The number after the last `-` of `Request-ID`.
    pub internal: u32,
    /// Whether business logic was reached. Earlier refusals are never signed.
    pub in_business: bool,
    /// Whether the answer carries a `Request-ID`; one early refusal was seen without.
    pub traced: bool,
}

impl Refusal {
    /// A refusal of the business logic.
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>, internal: u32) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            detail: None,
            internal,
            in_business: true,
            traced: true,
        }
    }

    /// 401 `SIGN_ERROR` with one of the documented messages.
    pub(crate) fn sign(message: &str) -> Self {
        Self {
            in_business: false,
            ..Self::new(401, "SIGN_ERROR", message, SIGN_ERROR)
        }
    }

    /// 400 `PARAM_ERROR`.
    pub(crate) fn parameter(message: impl Into<String>, internal: u32) -> Self {
        Self {
            in_business: false,
            ..Self::new(400, "PARAM_ERROR", message, internal)
        }
    }

    /// 400 `INVALID_REQUEST`.
    pub(crate) fn invalid(message: &str) -> Self {
        Self::new(400, "INVALID_REQUEST", message, ILLEGAL_PARAMETER)
    }

    /// The same refusal with a `detail`.
    #[must_use]
    pub(crate) fn with_detail(mut self, detail: Value) -> Self {
        self.detail = Some(detail);
        self
    }

    /// The same refusal with another internal number.
    #[must_use]
    pub(crate) fn with_internal(mut self, internal: u32) -> Self {
        self.internal = internal;
        self
    }

    /// The body bytes.
    pub(crate) fn body(&self) -> Vec<u8> {
        let mut body = json!({ "code": self.code, "message": self.message });
        if let Some(detail) = &self.detail {
            body["detail"] = detail.clone();
        }
        body.to_string().into_bytes()
    }
}
