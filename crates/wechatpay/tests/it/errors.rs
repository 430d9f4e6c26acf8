//! What an error tells: codes in both spellings, details in all shapes, words.

use expect_test::expect;
use wechatpay::{ApiCode, Error};

use crate::fixtures::{NONCE, NOW, client, number, order};
use crate::platform::{Outcome, Script, lost, refused_to_connect, say};

async fn prepay(answer: Outcome) -> Error {
    let script = Script::new([answer, refused_to_connect()]);
    client(&script).jsapi_prepay(&order()).await.unwrap_err()
}

async fn refused(status: u16, body: &str) -> Error {
    prepay(say(status, body.to_owned()).unsigned()).await
}

#[tokio::test]
async fn both_spellings_of_a_code_are_one_code_and_the_sent_one_is_kept() {
    for (sent, code) in [
        ("ORDERPAID", ApiCode::OrderPaid),
        ("ORDER_PAID", ApiCode::OrderPaid),
        ("ORDERCLOSED", ApiCode::OrderClosed),
        ("ORDER_CLOSED", ApiCode::OrderClosed),
        ("ORDERNOTEXIST", ApiCode::OrderNotExist),
        ("ORDER_NOT_EXIST", ApiCode::OrderNotExist),
        ("NOAUTH", ApiCode::NoAuth),
        ("NO_AUTH", ApiCode::NoAuth),
        ("RULELIMIT", ApiCode::RuleLimit),
        ("RULE_LIMIT", ApiCode::RuleLimit),
        ("ACCOUNTERROR", ApiCode::AccountError),
        ("NOTENOUGH", ApiCode::NotEnough),
        ("SYSTEMERROR", ApiCode::SystemError),
        ("BANKERROR", ApiCode::BankError),
        ("FREQUENCY_LIMITED", ApiCode::FrequencyLimited),
        ("RATELIMIT_EXCEEDED", ApiCode::FrequencyLimited),
        ("BRAND_NEW", ApiCode::Unknown("BRAND_NEW".to_owned())),
    ] {
        let error = refused(400, &format!(r#"{{"code":"{sent}","message":"m"}}"#)).await;
        assert_eq!(error.code(), Some(&code));
        assert_eq!(error.code_text(), Some(sent));
    }
}

#[test]
fn every_known_code_reads_back_its_own_spelling() {
    for code in ApiCode::KNOWN {
        assert_eq!(ApiCode::from(code.as_str()), *code);
    }
}

#[tokio::test]
async fn details_are_read_in_every_shape_that_was_seen() {
    let body = r#"{"code":"PARAM_ERROR","message":"m",
        "detail":{"location":"uri_template","value":35,"field":"f","issue":"i"}}"#;
    let error = refused(400, body).await;
    let detail = error.detail().unwrap();
    assert_eq!(detail.location.as_deref(), Some("uri_template"));
    assert_eq!(detail.value, Some(35.into()));
    assert_eq!(
        (detail.field.as_deref(), detail.issue.as_deref()),
        (Some("f"), Some("i"))
    );

    let body =
        r#"{"code":"PARAM_ERROR","detail":{"location":null,"value":["/body/payer/openid"]}}"#;
    let error = refused(400, body).await;
    let detail = error.detail().unwrap();
    assert_eq!(detail.location, None);
    assert_eq!(detail.raw["value"][0], "/body/payer/openid");

    for body in [
        r#"{"code":"SIGN_ERROR","detail":{"issue":"sign not match"}}"#,
        r#"{"code":"SIGN_ERROR","detail":{"detail":{"issue":"sign not match"}}}"#,
    ] {
        let error = refused(401, body).await;
        assert_eq!(
            error.detail().unwrap().issue.as_deref(),
            Some("sign not match")
        );
        assert!(error.sign_mismatch().is_none());
    }
    for detail in ["null", "7", "\"text\"", "[]"] {
        let error = refused(
            400,
            &format!(r#"{{"code":"PARAM_ERROR","detail":{detail}}}"#),
        )
        .await;
        assert!(error.detail().is_none());
    }
}

#[tokio::test]
async fn a_details_value_is_not_shown() {
    let body = r#"{"code":"PARAM_ERROR","message":"m","detail":{"value":"o-secret-openid"}}"#;
    let error = refused(400, body).await;
    assert!(
        !format!("{error} {error:?}").contains("o-secret"),
        "{error:?}"
    );
}

/// A refused signature as the platform writes it, nested or not.
fn sign_error(nested: bool, length: usize, message: &str) -> Outcome {
    let issue = serde_json::json!({"issue": "sign not match"});
    let mut detail = serde_json::json!({
        "field": "signature",
        "location": "authorization",
        "sign_information": {
            "method": "POST",
            "url": "/v3/pay/transactions/jsapi",
            "sign_message_length": length,
            "truncated_sign_message": message,
        },
    });
    let members = detail.as_object_mut().unwrap();
    if nested {
        members.insert("detail".to_owned(), issue);
    } else {
        members.insert("issue".to_owned(), issue["issue"].clone());
    }
    let body = serde_json::json!({"code": "SIGN_ERROR", "message": "签名错误", "detail": detail});
    say(401, body.to_string()).unsigned()
}

/// What the platform would have signed over for the order of the fixtures.
fn their_message(path: &str, nonce: &str) -> String {
    format!("POST\n{path}\n{NOW}\n{nonce}\n{{\"appid\"\n")
}

const JSAPI: &str = "/v3/pay/transactions/jsapi";

/// The length of the string that we sign for that order.
fn our_length() -> usize {
    let body = include_bytes!("../fixtures/documentation_prepay.json").len();
    format!("POST\n{JSAPI}\n{NOW}\n{NONCE}\n\n").len() + body
}

#[tokio::test]
async fn a_refused_signature_shows_the_first_line_that_differs() {
    for nested in [true, false] {
        let theirs = their_message("/v3/pay/transactions/native", NONCE);
        let error = prepay(sign_error(nested, our_length(), &theirs)).await;
        let mismatch = error.sign_mismatch().unwrap();
        assert_eq!(mismatch.first_line, Some(2));
        let words = mismatch.to_string();
        assert!(words.starts_with("line 2 differs: we signed \"/v3/pay/transactions/jsapi\""));
        assert!(error.to_string().contains(&words), "{error}");
        assert!(
            !mismatch.ours.contains("openid"),
            "the body is cut after 8 bytes"
        );
    }
    let theirs = their_message(JSAPI, "another-nonce");
    let error = prepay(sign_error(true, our_length(), &theirs)).await;
    assert_eq!(error.sign_mismatch().unwrap().first_line, Some(4));
}

#[tokio::test]
async fn a_refused_signature_over_another_body_or_by_another_key_is_told_apart() {
    let theirs = their_message(JSAPI, NONCE);
    let error = prepay(sign_error(true, our_length() + 3, &theirs)).await;
    let mismatch = error.sign_mismatch().unwrap();
    assert_eq!(mismatch.first_line, None);
    assert_eq!(mismatch.their_length - mismatch.our_length, 3);
    assert!(
        mismatch
            .to_string()
            .contains("the body was changed on its way"),
        "{mismatch}"
    );

    let error = prepay(sign_error(true, our_length(), &theirs)).await;
    let mismatch = error.sign_mismatch().unwrap();
    assert_eq!(mismatch.first_line, None);
    assert!(
        mismatch
            .to_string()
            .contains("the private key is not the one"),
        "{mismatch}"
    );
}

#[tokio::test]
async fn odd_sign_information_is_left_alone() {
    for information in [
        r#"{}"#,
        r#"{"sign_message_length":"x","truncated_sign_message":"m"}"#,
        r#"{"sign_message_length":7}"#,
        r#"[]"#,
    ] {
        let body =
            format!(r#"{{"code":"SIGN_ERROR","detail":{{"sign_information":{information}}}}}"#);
        assert!(
            refused(401, &body).await.sign_mismatch().is_none(),
            "{information}"
        );
    }
    let body = r#"{"code":"SIGN_ERROR","detail":{"sign_information":
        {"sign_message_length":"7","truncated_sign_message":""}}}"#;
    let mismatch = refused(401, body).await.sign_mismatch().unwrap();
    assert_eq!((mismatch.their_length, mismatch.first_line), (7, Some(1)));
    assert!(!mismatch.to_string().is_empty());
}

#[tokio::test]
async fn errors_say_what_happened_and_whether_it_is_safe_to_repeat() {
    let mut words = Vec::new();
    let paid = r#"{"code":"ORDERPAID","message":"该订单已支付"}"#;
    for error in [
        prepay(lost()).await,
        prepay(refused_to_connect()).await,
        refused(400, paid).await,
        refused(502, "<html>").await,
        refused(404, "").await,
        prepay(say(200, "{}").unsigned()).await,
        prepay(say(200, "{}").at(NOW - 3_600).signed()).await,
        prepay(say(200, "{}").serial("PUB_KEY_ID_9").signed()).await,
        prepay(say(200, "{}").signed()).await,
    ] {
        words.push(
            error
                .to_string()
                .replace(": ", ":\n  ")
                .replace("; ", ";\n    "),
        );
    }
    expect![[r#"
        prepay:
          no answer came, and the request may have arrived;
            it is safe to repeat with identical parameters
        prepay:
          the request was not sent;
            it is safe to repeat with identical parameters
        prepay:
          WeChat answered 400 ORDERPAID "该订单已支付";
            ask for the order's state before anything else (Request-ID 08ABC-0)
        prepay:
          WeChat answered 502;
            it is safe to repeat with identical parameters (Request-ID 08ABC-0)
        prepay:
          WeChat answered 404;
            repeating cannot help until the request or the settings are changed (Request-ID 08ABC-0)
        prepay:
          an answer came that cannot be shown to be WeChat's:
          it is not signed;
            ask for the order's state before anything else (Request-ID 08ABC-0)
        prepay:
          an answer came that cannot be shown to be WeChat's:
          it was signed 3600 seconds before now (allowed:
          300 either way);
            ask for the order's state before anything else (Request-ID 08ABC-0)
        prepay:
          an answer came that cannot be shown to be WeChat's:
          it is signed with the key "PUB_KEY_ID_9", which is not in the key ring;
            ask for the order's state before anything else (Request-ID 08ABC-0)
        prepay:
          WeChat's answer cannot be understood:
          its JSON is not as documented at line 1, column 2;
            ask for the order's state before anything else (Request-ID 08ABC-0)"#]]
    .assert_eq(&words.join("\n"));
}

#[tokio::test]
async fn texts_from_outside_are_bounded_and_cannot_forge_log_lines() {
    let body = serde_json::json!({
        "code": "A\nB".repeat(100),
        "message": format!("line\n2026-11-23 ERROR forged\r{}", "长".repeat(5_000)),
    });
    let answer = say(400, body.to_string()).header("Request-ID", &"x".repeat(5_000));
    let mut answer = answer.unsigned().unwrap();
    answer
        .headers_mut()
        .insert("Request-ID", "x".repeat(5_000).parse().unwrap());
    let error = prepay(Ok(answer)).await;
    let words = error.to_string();
    assert!(!words.contains(['\n', '\r']), "{words}");
    assert!(words.chars().count() < 1_000);
    assert_eq!(error.request_id().unwrap().len(), 128);
}

#[tokio::test]
async fn the_cause_of_a_transport_error_is_in_the_chain() {
    use std::error::Error as _;

    let error = prepay(lost()).await;
    assert_eq!(error.source().unwrap().to_string(), "timed out");
    assert_eq!(error.operation(), wechatpay::Operation::Prepay);
    let client = client(&Script::new([lost()]));
    let error = client.close(&number()).await.unwrap_err();
    assert!(format!("{error:?}").contains("close"), "{error:?}");
}

#[tokio::test]
async fn every_kind_of_error_has_a_name_for_metrics() {
    for (answer, name) in [
        (lost(), "no_answer"),
        (refused_to_connect(), "not_sent"),
        (say(400, "").unsigned(), "refused"),
        (say(200, "{}").unsigned(), "unsigned"),
        (say(200, "{}").at(0).signed(), "stale"),
        (say(200, "{}").signature("AAAA").signed(), "bad_signature"),
        (say(200, "{}").serial("x").signed(), "unknown_serial"),
        (say(200, "{}").signed(), "undecodable"),
    ] {
        assert_eq!(prepay(answer).await.name(), name);
    }
    let mut free = order();
    free.amount = fen::Fen::ZERO;
    let error = client(&Script::new([]))
        .jsapi_prepay(&free)
        .await
        .unwrap_err();
    assert_eq!(error.name(), "misconfigured");
}

#[test]
fn errors_and_clients_can_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<Error>();
    crosses::<wechatpay::NotificationError>();
    crosses::<wechatpay::LoginError>();
    crosses::<wechatpay::Client>();
    crosses::<wechatpay::MiniProgram>();
    crosses::<wechatpay::KeyRing>();
}
