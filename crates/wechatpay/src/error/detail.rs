use std::fmt;

use serde_json::Value;

/// The `detail` of a refusal, in whichever of its shapes it came.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012081709 documents one shape; the platform sends
/// others too, so every member is optional.
#[derive(Clone, Default, PartialEq)]
pub struct Detail {
    /// The field that is wrong, as a JSON pointer or a name.
    pub field: Option<String>,
    /// Where it stands: `body`, `query`, `uri_template`, `authorization`.
    pub location: Option<String>,
    /// What is wrong; the platform sends it as `detail.issue` or as `detail.detail.issue`.
    pub issue: Option<String>,
    /// What was found, or its length. It may be personal, so `Debug` does not show it.
    pub value: Option<Value>,
    /// What the platform signed over, when the signature is wrong.
    pub sign_information: Option<SignInformation>,
    /// The whole of it, as it came. `Debug` does not show it.
    pub raw: Value,
}

/// What the platform signed over when it checked our signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInformation {
    /// The method.
    pub method: String,
    /// Path and query.
    pub url: String,
    /// The length of the whole string in bytes.
    pub sign_message_length: u64,
    /// Its four header lines and the first 8 bytes of the body.
    pub truncated_sign_message: String,
}

impl Detail {
    pub(crate) fn read(raw: Value) -> Self {
        let inner = raw.get("detail").cloned().unwrap_or(Value::Null);
        let member = |name| {
            raw.get(name)
                .or_else(|| inner.get(name))
                .filter(|at| !at.is_null())
        };
        let text = |name| member(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            field: text("field"),
            location: text("location"),
            issue: text("issue"),
            value: member("value").cloned(),
            sign_information: member("sign_information").and_then(SignInformation::read),
            raw,
        }
    }
}

impl SignInformation {
    fn read(from: &Value) -> Option<Self> {
        let text = |name| from.get(name).and_then(Value::as_str).map(str::to_owned);
        let length = from.get("sign_message_length")?;
        Some(Self {
            method: text("method").unwrap_or_default(),
            url: text("url").unwrap_or_default(),
            sign_message_length: length
                .as_u64()
                .or_else(|| length.as_str().and_then(|text| text.parse().ok()))?,
            truncated_sign_message: text("truncated_sign_message")?,
        })
    }
}

impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detail")
            .field("field", &self.field)
            .field("location", &self.location)
            .field("issue", &self.issue)
            .field("sign_information", &self.sign_information)
            .finish_non_exhaustive()
    }
}
