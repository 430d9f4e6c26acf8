//! One merchant and WeChat: which keys there are, whether our signature is accepted and theirs
//! verified, and how far the clocks are apart. Reads only; places no order.

use jiff::Timestamp;
use secrecy::ExposeSecret;
use wechatpay::crypto::{ApiV3Key, PrivateKey, PublicKey, SerialNo};
use wechatpay::{ApiCode, Client, Error, KeyRing, MchId, OutTradeNo, Refreshed};

use super::finding::{Finding, Question, words};
use super::refusal;
use super::skew::clock_skew;
use crate::config::Merchant;
use crate::merchant::Wiring;

/// Nobody has an order of this number, and asking for it proves that the signature was accepted.
const ABSENT_ORDER: &str = "SHOUYIN_DOCTOR_NO_SUCH_ORDER";

/// Every question about one merchant that WeChat has to answer.
pub(crate) async fn examine(merchant: &Merchant, wiring: &Wiring) -> Vec<Finding> {
    let Some(client) = client(merchant, wiring) else {
        let answer = words(
            "密钥不可用，未发送签名请求",
            "the keys cannot be used, so no signed request was sent",
        );
        return vec![Finding::not_asked(Question::SignedRequest, answer)];
    };
    let public_key_id = merchant.public_key_id.as_deref();
    let certificates = client.refresh_certificates().await;
    let mode = key_mode(&certificates, public_key_id, &client);
    let request = signed_request(&client, certificates, public_key_id).await;
    vec![mode, request, clock_skew(client.clock_skew_seconds())]
}

/// Unlike the server's, this client starts with keys that do not fit, to learn what WeChat says.
fn client(merchant: &Merchant, wiring: &Wiring) -> Option<Client> {
    let account = wechatpay::Merchant::new(
        MchId::new(merchant.mch_id.as_str()).ok()?,
        SerialNo::new(&merchant.serial_no).ok()?,
        PrivateKey::from_pem(merchant.private_key.expose_secret()).ok()?,
        ApiV3Key::new(merchant.api_v3_key.expose_secret()).ok()?,
    );
    let keys = match (&merchant.public_key_id, &merchant.public_key) {
        (Some(id), Some(pem)) => {
            let (id, key) = (SerialNo::new(id).ok()?, PublicKey::from_pem(pem).ok()?);
            KeyRing::new().with_public_key(id, key)
        }
        _ => KeyRing::new(),
    };
    let builder = Client::builder(account, keys).transport(wiring.transport.clone());
    let builder = builder.ambient(wiring.ambient.clone());
    Some(builder.endpoints(wiring.endpoints.clone()).build())
}

type Certificates = Result<Refreshed, Error>;

fn key_mode(certificates: &Certificates, public_key_id: Option<&str>, client: &Client) -> Finding {
    let question = Question::KeyMode;
    let since = client.keys().newest_certificate_since();
    let day = since
        .map(|since: Timestamp| since.strftime("%F").to_string())
        .unwrap_or_default();
    match (certificates, public_key_id) {
        (Ok(_), None) => {
            let answer = words(
                format!("平台证书模式（最新证书生效于 {day}）"),
                format!("certificate mode (newest platform certificate is of {day})"),
            );
            Finding::good(question, answer)
        }
        (Ok(_), Some(id)) => {
            let answer = words(
                format!("平台证书与微信支付公钥 {id} 并存（切换期），两者都会验签"),
                format!(
                    "both platform certificates and public key {id} (during a switch): either \
                         verifies"
                ),
            );
            Finding::good(question, answer)
        }
        (Err(error), Some(id)) if has_none(error) => {
            let answer = words(
                format!("微信支付公钥模式 {id}，没有平台证书（新商户如此）"),
                format!(
                    "public key mode, {id}; there are no platform certificates, as is usual now"
                ),
            );
            Finding::good(question, answer)
        }
        (Err(error), None) if has_none(error) => no_key_at_all(),
        (Err(_), _) => {
            let answer = words(
                "密钥模式未知：未能获取平台证书（原因见下）",
                "the key mode is unknown: certificates could not be asked for (see below)",
            );
            Finding::not_asked(question, answer)
        }
    }
}

/// The platform has no certificates for this merchant: `404 RESOURCE_NOT_EXISTS`.
fn has_none(error: &Error) -> bool {
    error.code() == Some(&ApiCode::ResourceNotExists)
}

fn no_key_at_all() -> Finding {
    let answer = words(
        "该商户没有平台证书（404 RESOURCE_NOT_EXISTS），也未配置微信支付公钥，无法验签",
        "this merchant has no platform certificates (404 RESOURCE_NOT_EXISTS), and no public key \
         is configured: nothing that WeChat says can be verified",
    );
    Finding::bad(Question::KeyMode, answer).advise(words(
        "商户平台 → 账户中心 → API 安全 → 微信支付公钥：下载 pub_key.pem，并设置 public_key_id \
         与 public_key_file",
        "merchant platform → API security → WeChat Pay public key: download pub_key.pem, then set \
         public_key_id and public_key_file",
    ))
}

async fn signed_request(
    client: &Client,
    certificates: Certificates,
    public_key_id: Option<&str>,
) -> Finding {
    match certificates {
        Ok(_) => accepted_and_verified("GET /v3/certificates"),
        // The refusal itself came after the signature was accepted, but it is not signed.
        Err(error) if has_none(&error) && public_key_id.is_some() => ask_again(client).await,
        Err(error) if has_none(&error) => accepted("GET /v3/certificates"),
        Err(error) => refusal::explain(&error),
    }
}

/// With the public key alone: the self test, or an order that is surely not there.
async fn ask_again(client: &Client) -> Finding {
    let error = match client.echo("shouyin doctor").await {
        Ok(_) => return accepted_and_verified("POST /v3/security/echo"),
        Err(error) => error,
    };
    if refusal::is_about_signatures(&error) {
        return refusal::explain(&error);
    }
    // Not every merchant has the self test.
    let number = OutTradeNo::new(ABSENT_ORDER).expect("the constant keeps the rule");
    match client.query_by_out_trade_no(&number).await {
        Ok(_) => accepted_and_verified("GET /v3/pay/transactions"),
        Err(error) if error.code() == Some(&ApiCode::OrderNotExist) => {
            accepted("GET /v3/pay/transactions")
        }
        Err(error) => refusal::explain(&error),
    }
}

fn accepted_and_verified(call: &str) -> Finding {
    let answer = words(
        format!("签名请求通过，应答验签通过（{call}）"),
        format!("a signed request was accepted and its answer verified ({call})"),
    );
    Finding::good(Question::SignedRequest, answer)
}

fn accepted(call: &str) -> Finding {
    let answer = words(
        format!("签名请求通过（{call}）；应答未签名，微信支付公钥尚未验证"),
        format!(
            "a signed request was accepted ({call}); its answer was unsigned, so WeChat's key \
                 is not proven yet"
        ),
    );
    Finding::good(Question::SignedRequest, answer)
}
