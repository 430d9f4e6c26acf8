use super::{InvalidValue, ValueProblem, text_impls};

const NAME: &str = "notify_url";
const MAX_BYTES: usize = 255;

/// Where WeChat sends notifications: an absolute `http(s)` address of at most 255 bytes, without
/// query, fragment, spaces or an IPv6 host.
///
/// This is the pattern that the platform itself applies. It takes plain http, while the
/// documentation demands https on a public domain (plain http works on dedicated lines): see
/// [`NotifyUrl::is_https`]. Where notifications really arrive can only be tested from outside.
///
/// ```
/// use wechatpay::NotifyUrl;
///
/// assert!(NotifyUrl::new("https://shop.example/v1/wechat/notify/main")?.is_https());
/// assert!(NotifyUrl::new("https://shop.example/notify?shop=1").is_err());
/// # Ok::<(), wechatpay::InvalidValue>(())
/// ```
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791856 and the platform's message for a bad one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NotifyUrl(String);

impl NotifyUrl {
    /// Takes an address that the platform would take.
    ///
    /// # Errors
    /// [`InvalidValue`] says which part of the rule is broken.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
        let text = text.into();
        match problem(&text) {
            Some(problem) => Err(InvalidValue {
                name: NAME,
                problem,
            }),
            None => Ok(Self(text)),
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is https, which the documentation demands and the interface does not.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

text_impls!(NotifyUrl, shown);

fn problem(text: &str) -> Option<ValueProblem> {
    if text.len() > MAX_BYTES {
        return Some(ValueProblem::TooLong {
            bytes: text.len(),
            max: MAX_BYTES,
        });
    }
    let form = |words| Some(ValueProblem::Form(words));
    let Some(rest) = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
    else {
        return form("must begin with https:// (or http://)");
    };
    if text.chars().any(char::is_whitespace) {
        return form("must not hold spaces, not even at its ends");
    }
    if text.contains(['?', '#']) {
        return form("must not have a query or a fragment");
    }
    if text.contains(['[', ']']) {
        return form("must not hold square brackets, so no IPv6 address either");
    }
    let authority = rest.split('/').next().unwrap_or_default();
    let host_and_port = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let (host, port) = match host_and_port.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (host_and_port, None),
    };
    let lawful_port = port.is_none_or(|port| {
        (2..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit())
    });
    if host.is_empty() || !lawful_port {
        return form("must name a host, and after a colon a port of 2 to 5 digits");
    }
    None
}
