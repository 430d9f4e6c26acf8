//! "SIGN_ERROR tells nothing": where the platform's signed string and ours part, in words.

use wechatpay::SignMismatch;

use super::finding::{Words, words};

/// The lines of a signed string, by name; the fifth is the body.
const LINES: [(&str, &str); 5] = [
    ("请求方法", "the method"),
    ("路径与查询串", "the path and query"),
    ("时间戳", "the timestamp"),
    ("随机串", "the nonce"),
    ("请求体开头", "the beginning of the body"),
];

/// The first difference; when there is none, the key is wrong.
pub fn explain(mismatch: &SignMismatch) -> Words {
    let named = mismatch
        .first_line
        .and_then(|at| Some((at, LINES.get(at.checked_sub(1)?)?)));
    if let Some((at, (zh, en))) = named {
        let (ours, theirs) = (line(&mismatch.ours, at), line(&mismatch.theirs, at));
        let from = 1 + ours
            .bytes()
            .zip(theirs.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        return words(
            format!("{zh}不同（第 {from} 字节起）：我方 {ours:?}，微信 {theirs:?}"),
            format!("{en} differs from byte {from}: ours {ours:?}, WeChat's {theirs:?}"),
        );
    }
    let (ours, theirs) = (mismatch.our_length, mismatch.their_length);
    if ours != theirs {
        return words(
            format!("签名串长度不同：我方 {ours} 字节，微信 {theirs} 字节，请求体在途中被代理改写"),
            format!("we signed {ours} bytes and WeChat saw {theirs}: a proxy rewrites the body"),
        );
    }
    words(
        "双方签名串一致，因此是私钥不对：它不属于 serial_no 所指的商户证书",
        "both signed the same text, so the key is wrong: it is not that of serial_no",
    )
}

fn line(text: &str, at: usize) -> &str {
    text.split('\n')
        .nth(at.saturating_sub(1))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use wechatpay::SignMismatch;

    use super::explain;

    fn told(theirs: &str, their_length: u64, first_line: Option<usize>) -> String {
        let ours = "POST\n/v3/pay?a=b\n1756951532\nnonce\n{\"amount\n".to_owned();
        let mismatch = SignMismatch {
            ours,
            theirs: theirs.to_owned(),
            our_length: 50,
            their_length,
            first_line,
        };
        explain(&mismatch).en
    }

    #[test]
    fn the_first_difference_is_named() {
        for (theirs, line, expected) in [
            (
                "GET\n",
                1,
                "the method differs from byte 1: ours \"POST\", WeChat's \"GET\"",
            ),
            (
                "POST\n/v3/pay\n",
                2,
                "the path and query differs from byte 8",
            ),
            (
                "POST\n/v3/pay?a=b\n1756951532000\n",
                3,
                "the timestamp differs from byte 11",
            ),
            (
                "POST\n/v3/pay?a=b\n1756951532\nother\n",
                4,
                "the nonce differs",
            ),
            (
                "POST\n/v3/pay?a=b\n1756951532\nnonce\n{ \"amoun\n",
                5,
                "the beginning of the body",
            ),
        ] {
            let told = told(theirs, 50, Some(line));
            assert!(told.contains(expected), "{theirs:?}: {told}");
        }
    }

    #[test]
    fn a_body_rewritten_behind_its_start_shows_in_the_length() {
        assert!(told("", 49, None).contains("a proxy rewrites the body"));
    }

    #[test]
    fn equal_strings_mean_a_wrong_key() {
        assert!(told("", 50, None).contains("the key is wrong"));
        assert!(
            told("", 50, Some(9)).contains("the key is wrong"),
            "a line that has no name"
        );
    }
}
