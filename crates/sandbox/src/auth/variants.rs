//! The messages that a client may have signed instead of the right one.

use aws_lc_rs::digest::{SHA256, digest};

use super::causes::{Cause, Signed};
use super::layout::{ESCAPES, Escapes, LAYOUTS, Layout, rewrite};
use super::mistakes as because;
use crate::gateway::percent_decode;

/// Milliseconds whose seconds were sent: this many messages to try. Each costs some 30 µs.
const MILLISECONDS: u32 = 1000;
/// Line 2 with WeChat's own host in it.
const REAL_HOST: &str = "https://api.mch.weixin.qq.com";

/// A message and the mistake that leads to it.
pub(super) type Variant = (Vec<u8>, Cause);

pub(super) fn line_variants(signed: &Signed<'_>) -> Vec<Variant> {
    let full = signed.message();
    let trimmed = full.strip_suffix(b"\n").unwrap_or(&full).to_vec();
    let extra = [&full[..], b"\n"].concat();
    let crlf = String::from_utf8_lossy(&full).replace('\n', "\r\n");
    let lower = signed.method.to_lowercase();
    let lower = signed.with(&lower, signed.target, signed.timestamp, signed.body);
    let swapped = Signed {
        timestamp: signed.nonce,
        nonce: signed.timestamp,
        ..*signed
    };
    let hash = digest(&SHA256, &full);
    vec![
        (trimmed, because::MISSING_FINAL_NEWLINE),
        (extra, because::EXTRA_FINAL_NEWLINE),
        (crlf.into_bytes(), because::CRLF),
        (lower, because::METHOD_LOWER_CASE),
        (swapped.message(), because::SWAPPED),
        (hash.as_ref().to_vec(), because::HASHED_TWICE),
        (hex::encode(hash).into_bytes(), because::HASHED_TWICE),
    ]
}

pub(super) fn target_variants(signed: &Signed<'_>) -> Vec<Variant> {
    let Signed { target, host, .. } = *signed;
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let others = [
        (path.to_owned(), because::QUERY_LEFT_OUT),
        (format!("{path}?"), because::QUERY_LEFT_OUT),
        (percent_decode(target), because::DECODED_PATH),
        (percent_encode(target), because::ENCODED_PATH),
        (
            target.trim_start_matches('/').to_owned(),
            because::NO_LEADING_SLASH,
        ),
        (format!("http://{host}{target}"), because::FULL_URL),
        (format!("https://{host}{target}"), because::FULL_URL),
        (format!("{REAL_HOST}{target}"), because::FULL_URL),
    ];
    let variant = |(other, cause): (String, _)| (signed.with_target(&other), cause);
    others.into_iter().map(variant).collect()
}

pub(super) fn body_variants(signed: &Signed<'_>) -> Vec<Variant> {
    let text = String::from_utf8_lossy(signed.body);
    let mut variants = vec![
        (signed.with_body(b""), because::BODY_LEFT_OUT),
        (
            signed.with_body(text.trim().as_bytes()),
            because::BODY_TRIMMED,
        ),
        (signed.with_body(&latin_1(&text)), because::BODY_CHARSET),
    ];
    // A parser of this library forgets the order of members: what it writes is sorted.
    let sorted = serde_json::from_str::<serde_json::Value>(&text).map(|value| value.to_string());
    variants.extend(layouts(signed, &text, "members in the order sent"));
    if let Ok(sorted) = sorted {
        variants.extend(layouts(signed, &sorted, "members sorted"));
    }
    variants
}

pub(super) fn millisecond_variants(signed: &Signed<'_>) -> impl Iterator<Item = Variant> {
    (0..MILLISECONDS).map(move |ms| {
        let timestamp = format!("{}{ms:03}", signed.timestamp);
        (
            signed.with_timestamp(&timestamp),
            because::SIGNED_MILLISECONDS,
        )
    })
}

/// What is outside the charset becomes a question mark, as many libraries do in silence.
fn latin_1(text: &str) -> Vec<u8> {
    let byte = |c: char| u8::try_from(u32::from(c)).unwrap_or(b'?');
    text.chars().map(byte).collect()
}

fn layouts(signed: &Signed<'_>, source: &str, order: &str) -> Vec<Variant> {
    let mut variants = Vec::new();
    for layout in LAYOUTS {
        for escapes in ESCAPES {
            let body = rewrite(source, layout, escapes);
            let cause = reserialised(layout, escapes, order);
            variants.push((signed.with_body(body.as_bytes()), cause));
        }
    }
    variants
}

fn reserialised(layout: Layout, escapes: Escapes, order: &str) -> Cause {
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
    let how = format!("{style}, {strings}, {order}");
    let zh = format!("请求体在签名后被重新序列化（签的是：{how}）；请发送签名用的同一串字节");
    let en = format!(
        "the body was serialised again after signing: what was signed has {how}; \
         send the very bytes that were signed"
    );
    Cause::new("body_reserialised", zh, en)
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
