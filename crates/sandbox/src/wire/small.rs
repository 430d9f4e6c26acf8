//! The calls with a handful of members: close and the self test.

use serde::Deserialize;

use super::prepay::MCHID;
use super::schema::{Field, Rule, optional, required, shaped, text};
use crate::wire::pattern::NOTIFY_URL;

/// `POST …/close`.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791860
pub(crate) const CLOSE: &[Field] = &[required("mchid", "商户号", Rule::Text(MCHID))];

/// `POST /v3/security/echo`. The limits are not documented; a sealed text of a 2048-bit key has
/// 344 characters.
pub(crate) const ECHO: &[Field] = &[
    optional("notify_url", "回调地址", shaped(1, 255, NOTIFY_URL)),
    required("echo_message", "回显消息", text(1, 1024)),
    optional("encrypted_echo_message", "加密回显消息", text(1, 1024)),
];

/// A close request that has passed its table.
#[derive(Debug, Deserialize)]
pub(crate) struct CloseRequest {
    /// The merchant.
    pub mchid: String,
}

/// An echo request that has passed its table.
#[derive(Debug, Deserialize)]
pub(crate) struct EchoRequest {
    /// Comes back.
    pub echo_message: String,
    /// Opened with the platform key that `Wechatpay-Serial` names, sealed for the merchant.
    pub encrypted_echo_message: Option<String>,
}
