//! Shapes that a value must have before anybody relies on it. Pure functions over text.

use std::net::IpAddr;

/// `None` when `url` is an absolute http(s) URL without query, fragment, spaces or brackets.
///
/// Source of the pattern: the rule check that WeChat answers with, `^https?://([^\s/?#\[\]\@]+\@)?
/// ([^\s/?#\@:]+)(?::\d{2,5})?([^\s?#\[\]]*)$`.
pub(super) fn notify_url_fault(url: &str) -> Option<&'static str> {
    // Source: pay.weixin.qq.com/doc/v3/merchant/4012791856 (`notify_url`, at most 255 bytes).
    const MAX_BYTES: usize = 255;
    let faults = [
        (url.len() > MAX_BYTES, "is longer than 255 bytes"),
        (url.contains(char::is_whitespace), "holds a space"),
        (
            url.contains('?'),
            "has a query; WeChat refuses `?` and what follows it",
        ),
        (
            url.contains('#'),
            "has a fragment; WeChat refuses `#` and what follows it",
        ),
        (
            url.contains(['[', ']']),
            "holds a bracket; WeChat refuses literal IPv6 addresses",
        ),
        (
            host_of(url).is_none() || !has_lawful_port(url),
            "is not https://host[:port]/path",
        ),
    ];
    faults
        .into_iter()
        .find(|(wrong, _)| *wrong)
        .map(|(_, why)| why)
}

/// The host of an http(s) URL, without user, port and brackets.
pub fn host_of(url: &str) -> Option<&str> {
    let authority = authority(url)?;
    let host = match authority.strip_prefix('[') {
        Some(ipv6) => ipv6.split(']').next(),
        None => authority.split(':').next(),
    };
    host.filter(|host| !host.is_empty())
}

/// Host and port of an http(s) URL.
fn authority(url: &str) -> Option<&str> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    rest.split(['/', '?', '#']).next()?.rsplit('@').next()
}

/// WeChat takes ports of two to five digits, or none.
fn has_lawful_port(url: &str) -> bool {
    match authority(url).and_then(|authority| authority.split_once(':')) {
        Some((_, port)) => is_digits(port, 2..=5),
        None => true,
    }
}

/// Whether WeChat's servers could reach a host by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicHost {
    /// A name with a dot that is not reserved for private use.
    Named,
    /// Localhost or a loopback address: fine with the sandbox, useless with WeChat.
    Loopback,
    /// Any other address: WeChat wants a (registered) domain name.
    Address,
    /// A bare name or one of the private endings.
    PrivateName,
}

impl PublicHost {
    pub fn of(host: &str) -> PublicHost {
        const PRIVATE: [&str; 4] = [".local", ".internal", ".lan", ".test"];
        match host.parse::<IpAddr>() {
            Ok(address) if address.is_loopback() => PublicHost::Loopback,
            Ok(_) => PublicHost::Address,
            Err(_) if host == "localhost" || host.ends_with(".localhost") => PublicHost::Loopback,
            Err(_) if !host.contains('.') => PublicHost::PrivateName,
            Err(_) if PRIVATE.iter().any(|end| host.ends_with(end)) => PublicHost::PrivateName,
            Err(_) => PublicHost::Named,
        }
    }
}

/// Whether an http(s) URL leads to this machine.
pub fn is_loopback_url(url: &str) -> bool {
    host_of(url).map(PublicHost::of) == Some(PublicHost::Loopback)
}

/// A database URL without its password.
pub fn redact_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let shown_query = |text: &str| match text.split_once('?') {
        // A password can also be a parameter of the query.
        Some((path, query)) if query.contains("password") => format!("{path}?***"),
        _ => text.to_owned(),
    };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:***@{}", shown_query(host))
        }
        None => format!("{scheme}://{}", shown_query(rest)),
    }
}

/// 40 upper-case hex digits from what people paste: lower case, or with colons as openssl prints.
pub(super) fn serial_no(text: &str) -> Option<String> {
    const HEX_DIGITS: usize = 40;
    let serial: String = text
        .chars()
        .filter(|c| *c != ':')
        .collect::<String>()
        .to_uppercase();
    let is_hex = serial.bytes().all(|byte| byte.is_ascii_hexdigit());
    (serial.len() == HEX_DIGITS && is_hex).then_some(serial)
}

/// Merchant keys stand in a URL path and in names of environment variables.
pub(super) fn is_merchant_key(key: &str) -> bool {
    const MAX: usize = 32;
    let lawful = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !key.is_empty() && key.len() <= MAX && key.bytes().all(lawful) && !key.contains("__")
}

pub(super) fn is_digits(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `wx` and 16 hex digits.
pub(super) fn is_app_id(text: &str) -> bool {
    let rest = text.strip_prefix("wx").unwrap_or_default();
    rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
