//! `GET /v3/certificates`
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4012551764

use serde_json::{Value, json};
use wechatpay::crypto::AEAD_ALGORITHM;

use super::check_query;
use crate::chance::Chance;
use crate::clock::rfc3339;
use crate::gateway::{Incoming, Outcome, Success};
use crate::keys::PlatformCertificate;
use crate::ledger::{KeyMode, Merchant};
use crate::platform::Platform;
use crate::refusal::{ILLEGAL_PARAMETER, Refusal};

const NO_CERTIFICATE: &str = "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。";
const ASSOCIATED_DATA: &str = "certificate";

pub(super) fn run(platform: &Platform, merchant: &Merchant, incoming: &Incoming) -> Outcome {
    check_query(incoming, &["algorithm_type"])?;
    let algorithm = incoming.query_value("algorithm_type");
    match algorithm.as_deref() {
        None | Some("RSA" | "ALL") => {}
        // There are no SM2 certificates here.
        Some("SM2") => return Ok(Success::json(&json!({ "data": [] }))),
        Some(_) => return Err(Refusal::parameter("algorithm_type错误", ILLEGAL_PARAMETER)),
    }
    if merchant.key_mode == KeyMode::PublicKey {
        // The status is uncertain: inferred from the code.
        let code = "RESOURCE_NOT_EXISTS";
        return Err(Refusal::new(404, code, NO_CERTIFICATE, ILLEGAL_PARAMETER));
    }
    let certificates = platform.certificates();
    let data: Vec<Value> = certificates
        .iter()
        .map(|certificate| entry(&platform.chance, merchant, certificate))
        .collect();
    Ok(Success::json(&json!({ "data": data })))
}

fn entry(chance: &Chance, merchant: &Merchant, platform: &PlatformCertificate) -> Value {
    let certificate = &platform.certificate;
    let nonce = chance.letters(12);
    let sealed = merchant
        .api_v3_key
        .seal(&nonce, ASSOCIATED_DATA, certificate.pem().as_bytes());
    json!({
        "serial_no": certificate.serial_no().as_str(),
        "effective_time": rfc3339(certificate.not_before()),
        "expire_time": rfc3339(certificate.not_after()),
        "encrypt_certificate": {
            "algorithm": AEAD_ALGORITHM,
            "nonce": nonce,
            "associated_data": ASSOCIATED_DATA,
            "ciphertext": sealed.expect("a 12-byte nonce and a PEM of 2 kB can be sealed"),
        },
    })
}
