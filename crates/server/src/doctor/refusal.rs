//! Why a signed request did not get through, and what to do about it.

use std::error::Error as _;

use wechatpay::{ApiCode, Error, Unverified};

use super::finding::{Finding, Question, Words, words};
use super::{keys, sign_error};

/// Whether asking differently cannot help.
pub fn is_about_signatures(error: &Error) -> bool {
    error.code() == Some(&ApiCode::SignError) || error.unverified().is_some()
}

/// The finding for a call that failed.
pub fn explain(error: &Error) -> Finding {
    if error.code() == Some(&ApiCode::SignError) {
        return sign_refused(error);
    }
    if let Some(reason) = error.unverified() {
        return not_believed(reason);
    }
    // Only a call without an answer has a cause.
    if error.source().is_some() {
        return unreachable(error);
    }
    if error.status().is_none() {
        // Verified, and yet not to be opened: the key that opens is the one that is wrong.
        let answer = words(format!("应答无法解密或读取：{error}"), format!("{error}"));
        return bad(answer).advise(keys::api_v3_key_advice());
    }
    let answer = words(
        format!("签名请求未通过：{}", told(error)),
        format!("the signed request was refused: {}", told(error)),
    );
    bad(answer).advise(words(
        format!(
            "按微信的说明处理：{}",
            error.message().unwrap_or("（无说明）")
        ),
        format!("{error}"),
    ))
}

fn bad(answer: Words) -> Finding {
    Finding::bad(Question::SignedRequest, answer)
}

/// Status, code, WeChat's words and its number for support.
fn told(error: &Error) -> String {
    let status = error
        .status()
        .map(|status| status.to_string())
        .unwrap_or_default();
    let parts = [
        Some(status.as_str()),
        error.code_text(),
        error.message(),
        error.request_id(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn sign_refused(error: &Error) -> Finding {
    let answer = words(
        format!("签名被拒：{}", told(error)),
        format!("the signature was refused: {}", told(error)),
    );
    let finding = match error.sign_mismatch() {
        Some(mismatch) => bad(answer).advise(sign_error::explain(&mismatch)),
        None => bad(answer),
    };
    finding.advise(words(
        "核对 mch_id、serial_no（商户 API 证书，不是平台证书）与私钥是否属于同一商户；时钟误差见下",
        "check that mch_id, serial_no (of the merchant certificate, not the platform's) and the \
         private key belong together; the clock is judged below",
    ))
}

fn not_believed(reason: &Unverified) -> Finding {
    let answer = words(
        format!("请求已被接受，但应答验签失败：{reason}"),
        format!("the request was accepted, but its answer cannot be verified: {reason}"),
    );
    let advice = match reason {
        Unverified::BadSignature | Unverified::UnknownSerial(_) => words(
            "public_key 与 public_key_id 须来自同一商户的 商户平台 → API 安全 → 微信支付公钥",
            "public_key and public_key_id must be those that the merchant platform shows to this \
             merchant",
        ),
        Unverified::Unsigned | Unverified::MissingHeader(_) => words(
            "应答可能来自代理或门户页面；检查 wechat.api_url 与出网代理",
            "the answer may be a proxy's or a portal's; check wechat.api_url and the way out",
        ),
        Unverified::Stale { .. } => words("校准本机时钟", "set this machine's clock"),
        _ => words("稍后再试", "try again in a moment"),
    };
    bad(answer).advise(advice)
}

fn unreachable(error: &Error) -> Finding {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(each) = cause {
        causes.push(each.to_string());
        cause = each.source();
    }
    let causes = causes.join(": ");
    let answer = words(
        format!("无法连接微信支付：{causes}"),
        format!("WeChat Pay cannot be reached: {causes}"),
    );
    bad(answer).advise(words(
        "检查 DNS、出网防火墙与代理；沙箱请确认 shouyin-sandbox 已启动",
        "check DNS, the outgoing firewall and proxies; with the sandbox, that it runs",
    ))
}
