//! The few regular expressions of the documentation, matched by hand; the source text is kept for
//! the error message.

/// A regular expression and what it accepts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pattern {
    /// As it is quoted in the message.
    pub source: &'static str,
    /// The same, as a function.
    pub accepts: fn(&str) -> bool,
}

/// `notify_url`: http or https, no query, no fragment, no spaces. The pattern was quoted from a
/// real answer, so it is the rule, wherever the prose is stricter.
pub(crate) const NOTIFY_URL: Pattern = Pattern {
    source: r"^https?://([^\s/?#\[\]\@]+\@)?([^\s/?#\@:]+)(?::\d{2,5})?([^\s?#\[\]]*)$",
    accepts: is_notify_url,
};

/// Merchant order numbers.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791856; the older page lacks `|`.
pub(crate) const ORDER_NUMBER: Pattern = Pattern {
    source: r"^[0-9A-Za-z_\-|*]*$",
    accepts: is_order_number,
};

/// Merchant refund numbers.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4013071036
pub(crate) const REFUND_NUMBER: Pattern = Pattern {
    source: r"^[0-9A-Za-z_\-|*@]*$",
    accepts: is_refund_number,
};

fn is_refund_number(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-|*@".contains(&byte))
}

fn is_order_number(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-|*".contains(&byte))
}

fn is_notify_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    let Some(rest) = rest else { return false };
    if rest.contains(|c: char| c.is_whitespace() || c == '?' || c == '#') {
        return false;
    }
    // With the optional user part read as such, or read as the beginning of the rest.
    let behind_user = rest
        .split_once('@')
        .filter(|(user, _)| !user.is_empty() && !user.contains(['/', '[', ']']));
    is_host_and_rest(rest) || behind_user.is_some_and(|(_, host)| is_host_and_rest(host))
}

/// A host of at least one character, then anything but brackets. A port needs no rule of its own,
/// because "anything" takes it in.
fn is_host_and_rest(text: &str) -> bool {
    let end = text.find(['/', '@', ':']).unwrap_or(text.len());
    end > 0 && !text[end..].contains(['[', ']'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notify_urls_are_judged_by_the_real_pattern() {
        for good in [
            "https://pay.example.com/v1/wechat/notify/shop",
            "http://127.0.0.1:8080/notify",
            "https://www.weixin.qq.com/wxpay/pay.php",
            "https://user:pass@example.com:8443/a/b",
            "https://例子.中国/通知",
            "https://a",
            "http://:secret@host/x",
        ] {
            assert!(is_notify_url(good), "{good}");
        }
        for bad in [
            "",
            " https://a.example/",
            "https://a.example/ x",
            "https://a.example/?x=1",
            "https://a.example/#x",
            "https:///path",
            "https://",
            "ftp://a.example/",
            "a.example/notify",
            "HTTPS://a.example/",
            "https://a.example/[1]",
            "https://a.example/\n",
            "https://@host/x",
        ] {
            assert!(!is_notify_url(bad), "{bad:?}");
        }
    }

    #[test]
    fn order_numbers_have_an_alphabet() {
        assert!(is_order_number("AZaz09_-|*"));
        assert!(!is_order_number("order@1"));
        assert!(is_refund_number("order@1") && !is_refund_number("退款"));
        assert!(!is_order_number("订单"));
    }
}
