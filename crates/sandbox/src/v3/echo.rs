//! `POST /v3/security/echo`: a merchant's self test of signing, verifying and sealing.

use serde_json::json;
use wechatpay::crypto::PrivateKey;

use super::read_body;
use crate::gateway::{Incoming, Outcome, Success};
use crate::ledger::Merchant;
use crate::platform::Platform;
use crate::refusal::{ILLEGAL_PARAMETER, Refusal};
use crate::wire::small::{ECHO, EchoRequest};

pub(super) fn run(platform: &Platform, merchant: &Merchant, incoming: &Incoming) -> Outcome {
    let (request, _) = read_body::<EchoRequest>(incoming, ECHO)?;
    let mut answer = json!({ "echo_message": request.echo_message });
    if let Some(sealed) = &request.encrypted_echo_message {
        let serial = incoming.header("wechatpay-serial");
        let opened = key_of(platform, merchant, serial)?.decrypt_oaep(sealed);
        let opened = opened.map_err(|_| Refusal::parameter("解密失败", ILLEGAL_PARAMETER))?;
        // What goes down to a merchant is sealed with the merchant certificate's key.
        let resealed = merchant.keys.certificate.public_key().encrypt_oaep(&opened);
        let too_long = |_| Refusal::parameter("加密内容过长", ILLEGAL_PARAMETER);
        answer["encrypted_echo_message"] = json!(resealed.map_err(too_long)?);
    }
    Ok(Success::json(&answer))
}

/// The platform key that a sealed body names. Shared with the abnormal refund.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4013053279; the status of the first is uncertain.
pub(super) fn key_of(
    platform: &Platform,
    merchant: &Merchant,
    serial: Option<&str>,
) -> Result<PrivateKey, Refusal> {
    let missing = "HTTP header缺少微信支付平台证书序列号(Wechatpay-Serial)";
    let serial = serial.ok_or_else(|| Refusal::parameter(missing, ILLEGAL_PARAMETER))?;
    if serial == merchant.keys.public_key_id.as_str() {
        return Ok(merchant.keys.public_key.clone());
    }
    let mut certificates = platform.certificates().into_iter();
    let named = certificates.find(|known| known.certificate.serial_no().as_str() == serial);
    let wrong = "平台证书序列号Wechatpay-Serial错误";
    named
        .map(|named| named.key)
        .ok_or_else(|| Refusal::parameter(wrong, ILLEGAL_PARAMETER))
}
