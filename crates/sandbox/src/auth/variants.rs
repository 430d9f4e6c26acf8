//! The messages that a client may have signed instead of the right one, each with its name.

use aws_lc_rs::digest::{SHA256, digest};

use super::causes::{Cause, Signed, cause};
use super::layout::{ESCAPES, Escapes, LAYOUTS, Layout, rewrite};
use crate::gateway::percent_decode;

/// Milliseconds whose seconds were sent: this many messages to try. Each costs some 30 µs.
const MILLISECONDS: u32 = 1000;

/// A message and the mistake that leads to it.
pub(super) type Variant = (Vec<u8>, Cause);

pub(super) fn line_variants(signed: &Signed<'_>) -> Vec<Variant> {
    let full = signed.message();
    let crlf = String::from_utf8_lossy(&full)
        .replace('\n', "\r\n")
        .into_bytes();
    let swapped = Signed {
        timestamp: signed.nonce,
        nonce: signed.timestamp,
        ..*signed
    };
    let mut trimmed = full.clone();
    trimmed.pop();
    let mut extra = full.clone();
    extra.push(b'\n');
    let hash = digest(&SHA256, &full);
    let lower = signed.method.to_lowercase();
    vec![
        (
            trimmed,
            cause(
                "missing_final_newline",
                "签名串最后一行缺少换行符 \\n（请求体为空时也要有）",
                "the last line lacks its newline (it is needed after an empty body too)",
            ),
        ),
        (
            extra,
            cause(
                "extra_final_newline",
                "签名串末尾多了一个换行符",
                "one newline too many",
            ),
        ),
        (
            crlf,
            cause(
                "crlf",
                "换行用了 \\r\\n；应为 \\n",
                "lines end with CR LF; use LF alone",
            ),
        ),
        (
            signed.with(&lower, signed.target, signed.timestamp, signed.body),
            cause(
                "method_lower_case",
                "请求方法应大写",
                "write the method in upper case",
            ),
        ),
        (
            swapped.message(),
            cause(
                "timestamp_and_nonce_swapped",
                "时间戳与随机串的顺序颠倒",
                "timestamp and nonce are swapped",
            ),
        ),
        (
            hash.as_ref().to_vec(),
            cause(
                "hash_signed_again",
                "先做了 SHA-256 再签名，等于哈希两次",
                "the message was hashed before signing: hashed twice",
            ),
        ),
        (
            hex::encode(hash).into_bytes(),
            cause(
                "hash_signed_again",
                "对 SHA-256 的十六进制串签名，等于哈希两次",
                "the hex of the hash was signed: hashed twice",
            ),
        ),
    ]
}

pub(super) fn target_variants(signed: &Signed<'_>) -> Vec<Variant> {
    let Signed { target, host, .. } = signed;
    let path = target.split_once('?').map_or(*target, |(path, _)| path);
    let url = |scheme| signed.with_target(&format!("{scheme}://{host}{target}"));
    let whole = || {
        cause(
            "full_url",
            "第二行用了完整 URL；应只有路径和查询串",
            "line 2 holds the whole URL; only path and query belong there",
        )
    };
    let decoded = || {
        cause(
            "url_decoded_path",
            "签名用了解码后的路径；应与实际发送的编码一致",
            "the path was signed decoded; sign it percent-encoded as it is sent",
        )
    };
    let encoded = percent_encode(target);
    vec![
        (
            signed.with_target(path),
            cause(
                "query_left_out",
                "签名串漏了查询串（? 之后的部分）",
                "the query (from ? on) was left out of line 2",
            ),
        ),
        (signed.with_target(&percent_decode(target)), decoded()),
        (
            signed.with_target(&encoded),
            cause(
                "url_encoded_path",
                "签名用了编码后的路径，发送时却没有编码",
                "the path was signed encoded, but sent raw",
            ),
        ),
        (
            signed.with_target(&format!("{path}?")),
            cause(
                "query_left_out",
                "签名串漏了查询串的内容",
                "the content of the query was left out",
            ),
        ),
        (
            signed.with_target(target.trim_start_matches('/')),
            cause(
                "leading_slash_missing",
                "路径缺少开头的 /",
                "the path lacks its leading slash",
            ),
        ),
        (url("https"), whole()),
        (url("http"), whole()),
        (
            signed.with_target(&format!("https://api.mch.weixin.qq.com{target}")),
            whole(),
        ),
    ]
}

pub(super) fn body_variants(signed: &Signed<'_>) -> Vec<Variant> {
    let text = String::from_utf8_lossy(signed.body);
    let question_marks: String = text
        .chars()
        .map(|c| if u32::from(c) < 256 { c } else { '?' })
        .collect();
    let latin: Vec<u8> = question_marks
        .chars()
        .filter_map(|c| u8::try_from(u32::from(c)).ok())
        .collect();
    let mut variants = vec![
        (
            signed.with_body(b""),
            cause("body_left_out", "签名串漏了请求体", "the body was left out"),
        ),
        (
            signed.with_body(text.trim().as_bytes()),
            cause(
                "body_trimmed",
                "签名的请求体去掉了首尾空白",
                "the body was signed without its outer white space",
            ),
        ),
        (
            signed.with_body(&latin),
            cause(
                "body_charset",
                "签名时请求体没有按 UTF-8 取字节（中文成了 ?）",
                "the body was turned into bytes in another charset than UTF-8 for signing",
            ),
        ),
    ];
    let sorted = serde_json::from_str::<serde_json::Value>(&text).map(|value| value.to_string());
    let sources = [(Some(text.into_owned()), ""), (sorted.ok(), "_sorted")];
    for (source, suffix) in sources {
        let Some(source) = source else { continue };
        for layout in LAYOUTS {
            for escapes in ESCAPES {
                let body = rewrite(&source, layout, escapes);
                let cause = reserialised(layout, escapes, suffix);
                variants.push((signed.with_body(body.as_bytes()), cause));
            }
        }
    }
    variants
}

fn reserialised(layout: Layout, escapes: Escapes, suffix: &str) -> Cause {
    let style = match layout {
        Layout::AsIs => "the same spacing",
        Layout::Compact => "no spaces",
        Layout::Spaced => "spaces after , and :",
        Layout::Pretty(2) => "2 spaces of indent",
        Layout::Pretty(_) => "4 spaces of indent",
    };
    let strings = match escapes {
        Escapes::AsIs => "strings as sent",
        Escapes::Ascii => "\\uXXXX escapes",
        Escapes::Slashes => "\\/ escapes",
        Escapes::AsciiAndSlashes => "\\uXXXX and \\/ escapes",
        Escapes::Html => "<, > and & escaped",
        Escapes::Plain => "no escapes",
    };
    let order = if suffix.is_empty() {
        "members in the order sent"
    } else {
        "members sorted"
    };
    let how = format!("{style}, {strings}, {order}");
    Cause {
        cause: "body_reserialised",
        zh: format!(
            "请求体在签名后又被重新序列化：签的是（{how}）的写法；请把签名用的同一串字节发出去"
        ),
        en: format!(
            "the body was serialised again after signing: what was signed has {how}; \
             send the very bytes that were signed"
        ),
    }
}

pub(super) fn millisecond_variants(signed: &Signed<'_>) -> impl Iterator<Item = Variant> {
    let cause = || {
        cause(
            "timestamp_milliseconds",
            "签名串里的时间戳是毫秒，请求头里是秒；两处须一致",
            "the signed timestamp is in milliseconds, the header's in seconds; both must be the same",
        )
    };
    (0..MILLISECONDS).map(move |ms| {
        (
            signed.with_timestamp(&format!("{}{ms:03}", signed.timestamp)),
            cause(),
        )
    })
}

fn percent_encode(target: &str) -> String {
    let mut encoded = String::new();
    for byte in target.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/?=&%:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
