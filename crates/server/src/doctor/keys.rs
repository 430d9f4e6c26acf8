//! What can be known about a merchant's keys without asking anybody.

use jiff::Timestamp;
use secrecy::ExposeSecret;
use wechatpay::crypto::{ApiV3Key, Certificate, PrivateKey, PublicKey};

use super::finding::{Finding, Question, Words, words};
use crate::config::Merchant;

/// Renewing a certificate takes days of other people's time.
const SOON_DAYS: i64 = 30;
const DAY_S: i64 = 86_400;

/// Every local question about one merchant, in the order in which mistakes are usually made.
pub fn examine(merchant: &Merchant, now: Timestamp) -> Vec<Finding> {
    let private_key = PrivateKey::from_pem(merchant.private_key.expose_secret());
    let own = private_key
        .as_ref()
        .ok()
        .map(|key| key.public_key().to_pem());
    let mut findings = vec![private_key_reads(private_key.err().as_ref())];
    findings.extend(certificate(merchant, own.as_deref(), now));
    findings.push(api_v3_key(merchant));
    findings.extend(public_key(merchant, own.as_deref()));
    findings
}

fn private_key_reads(fault: Option<&wechatpay::crypto::KeyError>) -> Finding {
    let Some(fault) = fault else {
        let answer = words("商户 API 私钥可读", "the private key can be read");
        return Finding::good(Question::PrivateKey, answer);
    };
    let answer = words(
        format!("商户 API 私钥无法读取：{fault}"),
        format!("the private key cannot be read: {fault}"),
    );
    Finding::bad(Question::PrivateKey, answer).advise(words(
        "使用证书工具生成的 apiclient_key.pem（PKCS#8 或 PKCS#1），不要用 .p12 或证书文件",
        "use apiclient_key.pem of the certificate tool (PKCS#8 or PKCS#1), not a .p12 file",
    ))
}

fn certificate(merchant: &Merchant, own: Option<&str>, now: Timestamp) -> Vec<Finding> {
    let Some(pem) = &merchant.certificate else {
        let answer = words(
            "未配置商户证书，无法在本地核对私钥与序列号（由签名请求判定）",
            "no certificate is configured, so key and serial cannot be checked locally; the signed \
             request decides",
        );
        let advice = words(
            "可选：配置 certificate_file = \"apiclient_cert.pem\"",
            "optional: set certificate_file = \"apiclient_cert.pem\"",
        );
        return vec![Finding::not_asked(Question::Certificate, answer).advise(advice)];
    };
    match Certificate::from_pem(pem) {
        Err(fault) => {
            let answer = words(
                format!("商户证书无法读取：{fault}"),
                format!("the certificate cannot be read: {fault}"),
            );
            vec![
                Finding::bad(Question::Certificate, answer)
                    .advise(words("使用 apiclient_cert.pem", "use apiclient_cert.pem")),
            ]
        }
        Ok(certificate) => {
            let serial_no = certificate.serial_no().as_str();
            vec![
                pair(own, &certificate),
                serial(&merchant.serial_no, serial_no),
                validity(&certificate, now),
            ]
        }
    }
}

fn pair(own: Option<&str>, certificate: &Certificate) -> Finding {
    let question = Question::Certificate;
    let Some(own) = own else {
        let answer = words(
            "私钥不可读，无法与证书核对",
            "without a key there is nothing to match",
        );
        return Finding::not_asked(question, answer);
    };
    if own == certificate.public_key().to_pem() {
        let answer = words(
            "私钥与商户证书匹配",
            "the private key matches the certificate",
        );
        return Finding::good(question, answer);
    }
    let serial_no = certificate.serial_no().as_str();
    let answer = words(
        format!("私钥与商户证书（序列号 {serial_no}）不匹配"),
        format!("the private key is not that of the certificate with serial {serial_no}"),
    );
    Finding::bad(question, answer).advise(words(
        "使用同一次申请得到的 apiclient_key.pem 与 apiclient_cert.pem；用 \
         openssl pkey -in apiclient_key.pem -pubout 与 \
         openssl x509 -in apiclient_cert.pem -noout -pubkey 对比",
        "use apiclient_key.pem and apiclient_cert.pem of the same application; the two commands \
         above must print the same key",
    ))
}

fn serial(configured: &str, actual: &str) -> Finding {
    if configured == actual {
        let answer = words("商户证书序列号一致", "serial_no is that of the certificate");
        return Finding::good(Question::SerialNo, answer);
    }
    let answer = words(
        format!("商户证书序列号不一致：配置 {configured}，证书 {actual}"),
        format!("serial_no is {configured}, but the certificate has {actual}"),
    );
    Finding::bad(Question::SerialNo, answer).advise(words(
        format!("若证书正确，改为 serial_no = \"{actual}\"；注意不是平台证书的序列号"),
        format!(
            "if the certificate is right, set serial_no = \"{actual}\"; it is not the platform's"
        ),
    ))
}

fn validity(certificate: &Certificate, now: Timestamp) -> Finding {
    let (from, to) = (certificate.not_before(), certificate.not_after());
    let days = to
        .as_second()
        .saturating_sub(now.as_second())
        .div_euclid(DAY_S);
    let question = Question::Certificate;
    let renew = words(
        "在商户平台 → API 安全 更换商户 API 证书，再更新私钥与序列号",
        "replace the merchant certificate in the merchant platform, then key and serial here",
    );
    if now < from {
        let answer = words(
            format!("商户证书尚未生效（{from}）；检查本机时钟"),
            format!("the certificate is valid only from {from}; is this clock right?"),
        );
        return Finding::bad(question, answer);
    }
    if now > to {
        let answer = words(
            format!("商户证书已于 {to} 过期"),
            format!("the certificate ended on {to}"),
        );
        return Finding::bad(question, answer).advise(renew);
    }
    let answer = words(
        format!("商户证书有效，还剩 {days} 天"),
        format!("the certificate is valid for {days} more days"),
    );
    if days < SOON_DAYS {
        return Finding::warning(question, answer).advise(renew);
    }
    Finding::good(question, answer)
}

fn api_v3_key(merchant: &Merchant) -> Finding {
    let key = merchant.api_v3_key.expose_secret();
    if ApiV3Key::new(key).is_ok() {
        let answer = words("APIv3 密钥为 32 字节", "the APIv3 key has 32 bytes");
        return Finding::good(Question::ApiV3Key, answer);
    }
    let length = key.len();
    let answer = words(
        format!("APIv3 密钥应为 32 字节，实际 {length} 字节"),
        format!("the APIv3 key must have 32 bytes, it has {length}"),
    );
    Finding::bad(Question::ApiV3Key, answer).advise(api_v3_key_advice())
}

/// Where the APIv3 key comes from, and what it is mistaken for.
pub(super) fn api_v3_key_advice() -> Words {
    words(
        "商户平台 → 账户中心 → API 安全 → 设置 APIv3 密钥（不是 APIv2 密钥，无需编码）；设置后不可查看",
        "merchant platform → API security → APIv3 key (not the APIv2 key; as it is); it cannot \
         be read there again, only be set anew",
    )
}

/// When a WeChat Pay public key is configured: that it is one, and not something like it.
fn public_key(merchant: &Merchant, own: Option<&str>) -> Option<Finding> {
    let question = Question::PublicKey;
    let pem = merchant.public_key.as_ref()?;
    let answer = match PublicKey::from_pem(pem) {
        Err(fault) => words(
            format!("微信支付公钥无法读取：{fault}"),
            format!("the WeChat Pay public key cannot be read: {fault}"),
        ),
        Ok(key) if Some(key.to_pem().as_str()) == own => words(
            "public_key 是商户自己的公钥，不是微信支付公钥",
            "public_key is the public half of your own key, not WeChat Pay's",
        ),
        Ok(_) => {
            let answer = words("微信支付公钥可读", "the WeChat Pay public key can be read");
            return Some(Finding::good(question, answer));
        }
    };
    Some(Finding::bad(question, answer).advise(words(
        "从商户平台 → 账户中心 → API 安全 下载微信支付公钥 pub_key.pem",
        "download pub_key.pem (微信支付公钥) from the merchant platform, API security",
    )))
}

/// Which key mode the configuration asks for; whether WeChat agrees is asked online.
pub fn mode_by_configuration(merchant: &Merchant) -> Finding {
    let answer = match &merchant.public_key_id {
        Some(id) => words(
            format!("微信支付公钥模式 {id}（按配置，未联网核实）"),
            format!("public key mode, {id} (as configured; WeChat was not asked)"),
        ),
        None => words(
            "平台证书模式（按配置，未联网核实）",
            "certificate mode (as configured; WeChat was not asked)",
        ),
    };
    Finding::good(Question::KeyMode, answer)
}
