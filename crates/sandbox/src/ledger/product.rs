//! The four products that share everything but prepay and invocation.

use serde::{Deserialize, Serialize};

/// How the buyer gets to the cashier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Product {
    /// Mini programs and pages inside WeChat.
    Jsapi,
    /// Native mobile applications.
    App,
    /// A QR code.
    Native,
    /// A mobile browser.
    H5,
}

impl Product {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Jsapi, Self::App, Self::Native, Self::H5];

    /// From the last segment of the prepay path.
    pub(crate) fn from_segment(segment: &str) -> Option<Self> {
        match segment {
            "jsapi" => Some(Self::Jsapi),
            "app" => Some(Self::App),
            "native" => Some(Self::Native),
            "h5" => Some(Self::H5),
            _ => None,
        }
    }

    /// `trade_type` of a paid order; H5 goes by its old name.
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4012791858
    pub(crate) fn trade_type(self) -> &'static str {
        match self {
            Self::Jsapi => "JSAPI",
            Self::App => "APP",
            Self::Native => "NATIVE",
            Self::H5 => "MWEB",
        }
    }
}
