//! Reads the `Authorization` header.

use std::collections::HashMap;

use wechatpay::crypto::SIGNATURE_SCHEME;

/// The five values of the header.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// Who says so.
    pub mchid: String,
    /// Any string.
    pub nonce_str: String,
    /// Decimal digits.
    pub timestamp: String,
    /// Of the merchant's certificate.
    pub serial_no: String,
    /// Base64.
    pub signature: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("mchid", &self.mchid)
            .finish_non_exhaustive()
    }
}

/// Why it cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderFault {
    /// Not a scheme and five quoted pairs.
    Syntax,
    /// Well-formed, but of another scheme.
    Scheme,
}

/// Exactly one scheme token, one space, and the five pairs in any order without spaces.
///
/// Source: the official SDKs; pay.weixin.qq.com/doc/v3/merchant/4012365336
pub(super) fn parse(header: &str) -> Result<Credentials, HeaderFault> {
    let (scheme, pairs) = header.split_once(' ').ok_or(HeaderFault::Syntax)?;
    let mut values = HashMap::new();
    for pair in pairs.split(',') {
        let (name, quoted) = pair.split_once('=').ok_or(HeaderFault::Syntax)?;
        let value = quoted
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let value = value.filter(|value| !value.is_empty() && !value.contains('"'));
        let value = value.ok_or(HeaderFault::Syntax)?;
        if values.insert(name, value.to_owned()).is_some() {
            return Err(HeaderFault::Syntax);
        }
    }
    let mut take = |name| values.remove(name).ok_or(HeaderFault::Syntax);
    let credentials = Credentials {
        mchid: take("mchid")?,
        nonce_str: take("nonce_str")?,
        timestamp: take("timestamp")?,
        serial_no: take("serial_no")?,
        signature: take("signature")?,
    };
    let digits = credentials
        .timestamp
        .bytes()
        .all(|byte| byte.is_ascii_digit());
    if !values.is_empty() || !digits {
        return Err(HeaderFault::Syntax);
    }
    if scheme != SIGNATURE_SCHEME {
        return Err(HeaderFault::Scheme);
    }
    Ok(credentials)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: &str = r#"mchid="1",nonce_str="n",timestamp="2",serial_no="A",signature="c=""#;

    #[test]
    fn the_pairs_may_stand_in_any_order() {
        let shuffled = r#"signature="c=",serial_no="A",timestamp="2",nonce_str="n",mchid="1""#;
        let one = parse(&format!("WECHATPAY2-SHA256-RSA2048 {PAIRS}"));
        let other = parse(&format!("WECHATPAY2-SHA256-RSA2048 {shuffled}"));
        assert_eq!(one, other);
        assert_eq!(one.unwrap().signature, "c=");
    }

    #[test]
    fn what_is_not_five_quoted_pairs_is_bad_syntax() {
        for bad in [
            "",
            "Bearer token",
            "WECHATPAY2-SHA256-RSA2048",
            &format!("WECHATPAY2-SHA256-RSA2048  {PAIRS}"),
            &format!("WECHATPAY2-SHA256-RSA2048 {}", PAIRS.replace(',', ", ")),
            &format!("WECHATPAY2-SHA256-RSA2048 {}", PAIRS.replace('"', "")),
            &format!(
                "WECHATPAY2-SHA256-RSA2048 {}",
                PAIRS.replace("\"2\"", "\"2.5\"")
            ),
            &format!("WECHATPAY2-SHA256-RSA2048 {PAIRS},extra=\"1\""),
            &format!("WECHATPAY2-SHA256-RSA2048 {PAIRS},mchid=\"1\""),
            r#"WECHATPAY2-SHA256-RSA2048 mchid="1",nonce_str="n""#,
        ] {
            assert_eq!(parse(bad), Err(HeaderFault::Syntax), "{bad}");
        }
    }

    #[test]
    fn another_scheme_is_told_apart() {
        let header = format!("WECHATPAY2-SM2-WITH-SM3 {PAIRS}");
        assert_eq!(parse(&header), Err(HeaderFault::Scheme));
    }

    proptest::proptest! {
        #![proptest_config(fuzz::config())]

        /// Whatever is read is what another writing of it says.
        #[test]
        fn fuzz_authorization(header in fuzz::spoilt_text(&[
            &format!("WECHATPAY2-SHA256-RSA2048 {PAIRS}"),
            &format!("WECHATPAY2-SM2-WITH-SM3 {PAIRS}"),
        ])) {
            if let Ok(read) = parse(&header) {
                let written = format!(
                    r#"{SIGNATURE_SCHEME} signature="{}",serial_no="{}",timestamp="{}",nonce_str="{}",mchid="{}""#,
                    read.signature, read.serial_no, read.timestamp, read.nonce_str, read.mchid
                );
                proptest::prop_assert_eq!(parse(&written), Ok(read));
            }
        }
    }
}
