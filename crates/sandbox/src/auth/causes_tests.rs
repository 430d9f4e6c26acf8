use wechatpay::crypto::PrivateKey;

use super::*;
use crate::keys::Keys;

const BODY: &str = r#"{"description":"盘子/大","amount":{"total":100}}"#;

fn sent<'a>(target: &'a str, body: &'a str, signature: &'a str) -> Signed<'a> {
    let (timestamp, nonce) = ("1554208460", "593BEC0C930BF1AFEB40B4A08C8FB242");
    let (method, host) = ("POST", "127.0.0.1:8090");
    Signed {
        method,
        target,
        host,
        timestamp,
        nonce,
        body: body.as_bytes(),
        signature,
    }
}

/// Signs `message` but sends `target` and `body`: the cause that is found.
fn cause_of(message: &str, target: &str, body: &str) -> Cause {
    let keys = Keys::shared();
    let key = PrivateKey::from_pem(keys.merchant.key_pem()).unwrap();
    let signature = key.sign(message.as_bytes());
    let causes = find_causes(
        &sent(target, body, &signature),
        &key.public_key(),
        [].iter(),
    );
    assert_eq!(causes.len(), 1);
    causes.into_iter().next().unwrap()
}

#[test]
fn each_mistake_is_recognised() {
    let head = "POST\n/v3/x?a=1\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n";
    let right = format!("{head}{BODY}\n");
    let with_body = |body: &str| format!("{head}{body}\n");
    let cases = [
        (right.trim_end().to_owned(), "missing_final_newline"),
        (format!("{right}\n"), "extra_final_newline"),
        (right.replace('\n', "\r\n"), "crlf"),
        (right.replace("POST", "post"), "method_lower_case"),
        (right.replace("?a=1", ""), "query_left_out"),
        (
            right.replace("/v3", "https://127.0.0.1:8090/v3"),
            "full_url",
        ),
        (
            right.replace("/v3", "https://api.mch.weixin.qq.com/v3"),
            "full_url",
        ),
        (right.replace("/v3", "v3"), "leading_slash_missing"),
        (
            right.replace("1554208460", "1554208460000"),
            "timestamp_milliseconds",
        ),
        (
            right.replace("1554208460", "1554208460987"),
            "timestamp_milliseconds",
        ),
        (with_body(""), "body_left_out"),
        (
            with_body(r#"{"amount":{"total":100},"description":"盘子/大"}"#),
            "body_reserialised",
        ),
        (
            with_body(r#"{"description": "盘子/大", "amount": {"total": 100}}"#),
            "body_reserialised",
        ),
        (
            with_body(r#"{"description":"\u76d8\u5b50\/\u5927","amount":{"total":100}}"#),
            "body_reserialised",
        ),
        (
            with_body(
                "{\n  \"description\": \"盘子/大\",\n  \"amount\": {\n    \"total\": 100\n  }\n}",
            ),
            "body_reserialised",
        ),
        (
            with_body(r#"{"description":"??/?","amount":{"total":100}}"#),
            "body_charset",
        ),
        ("something else".to_owned(), "unexplained"),
    ];
    for (message, expected) in cases {
        let found = cause_of(&message, "/v3/x?a=1", BODY);
        assert_eq!(found.cause, expected, "{}", found.en);
    }
}

#[test]
fn a_decoded_path_is_recognised() {
    let message = "POST\n/v3/a|b\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n{}\n";
    assert_eq!(
        cause_of(message, "/v3/a%7Cb", "{}").cause,
        "url_decoded_path"
    );
    let message = message.replace('|', "%7C");
    assert_eq!(
        cause_of(&message, "/v3/a|b", "{}").cause,
        "url_encoded_path"
    );
}

#[test]
fn another_merchants_key_and_other_encodings_are_recognised() {
    let keys = Keys::shared();
    let own = PrivateKey::from_pem(keys.merchant.key_pem()).unwrap();
    let blank = sent("/v3/x", "{}", "");
    let other = [keys.platform.certificate.clone()];
    let signature = keys.platform.key.sign(&blank.message());
    let signed = Signed {
        signature: &signature,
        ..blank
    };
    let causes = find_causes(&signed, &own.public_key(), other.iter());
    assert_eq!(causes[0].cause, "key_of_another_serial");
    assert!(causes[0].en.contains(other[0].serial_no().as_str()));

    let bytes = BASE64_STANDARD.decode(own.sign(&blank.message())).unwrap();
    for (text, expected) in [
        (hex::encode(&bytes), "signature_hex"),
        (BASE64_URL_SAFE_NO_PAD.encode(&bytes), "signature_base64url"),
    ] {
        let signed = Signed {
            signature: &text,
            ..blank
        };
        assert_eq!(
            find_causes(&signed, &own.public_key(), [].iter())[0].cause,
            expected
        );
    }
}
