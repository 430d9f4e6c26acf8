//! Which answers are believed.

use wechatpay::{Advice, ApiCode, Client, Error, Unverified};

use crate::fixtures::{NOW, PUBLIC_KEY_ID, client, newer, number, order};
use crate::platform::{Outcome, PREPAID, Script, UNPAID, lost, refused_to_connect, say};

/// Places an order that is answered so.
async fn prepay(answers: impl IntoIterator<Item = Outcome>) -> Result<String, Error> {
    let client = client(&Script::new(answers));
    client
        .jsapi_prepay(&order())
        .await
        .map(|id| id.as_str().to_owned())
}

/// Expects an order that may exist, and nothing that anybody may believe.
async fn unverified(answer: Outcome) -> Unverified {
    let error = prepay([answer]).await.unwrap_err();
    assert!(error.is_ambiguous(), "{error}");
    assert_eq!(error.advice(), Advice::QueryFirst, "{error}");
    assert_eq!((error.status(), error.code()), (None, None));
    error.unverified().unwrap().clone()
}

#[tokio::test]
async fn an_answer_without_a_signature_is_not_believed() {
    assert_eq!(
        unverified(say(200, PREPAID).unsigned()).await,
        Unverified::Unsigned
    );
    let portal = "<html>Please log in to the guest network</html>";
    let portal = say(200, portal).media_type(Some("text/html")).unsigned();
    assert_eq!(unverified(portal).await, Unverified::Unsigned);
}

#[tokio::test]
async fn an_answer_signed_by_somebody_else_is_not_believed() {
    let forged = say(200, PREPAID).signed_with(&newer().key);
    assert_eq!(unverified(forged).await, Unverified::BadSignature);
    let no_base64 = say(200, PREPAID).signature("%%%").signed();
    assert_eq!(unverified(no_base64).await, Unverified::BadSignature);
}

#[tokio::test]
async fn an_answer_whose_body_was_changed_is_not_believed() {
    let mut answer = say(200, PREPAID).signed().unwrap();
    *answer.body_mut() = format!("{PREPAID} ").into();
    assert_eq!(unverified(Ok(answer)).await, Unverified::BadSignature);
}

/// An answer that was signed too long ago, or in the future, is not believed.
#[tokio::test]
async fn p12_an_answer_is_fresh_for_five_minutes_both_ways() {
    for offset in [-300, 0, 300] {
        assert!(
            prepay([say(200, PREPAID).at(NOW + offset).signed()])
                .await
                .is_ok(),
            "{offset}"
        );
    }
    for seconds in [-301, 301, 3_600] {
        let answer = say(200, PREPAID).at(NOW - seconds).signed();
        assert_eq!(unverified(answer).await, Unverified::Stale { seconds });
    }
    let far = say(200, PREPAID).at(i64::MIN).signed();
    assert!(matches!(unverified(far).await, Unverified::Stale { .. }));
}

#[tokio::test]
async fn an_answer_that_lacks_part_of_its_signature_is_not_believed() {
    for name in [
        "Wechatpay-Timestamp",
        "Wechatpay-Nonce",
        "Wechatpay-Serial",
        "Wechatpay-Signature",
    ] {
        let mut answer = say(200, PREPAID).signed().unwrap();
        answer.headers_mut().remove(name);
        assert_eq!(
            unverified(Ok(answer)).await,
            Unverified::MissingHeader(name)
        );
    }
    let mut answer = say(200, PREPAID).signed().unwrap();
    answer
        .headers_mut()
        .insert("Wechatpay-Timestamp", "today".parse().unwrap());
    let reason = unverified(Ok(answer)).await;
    assert_eq!(reason, Unverified::MissingHeader("Wechatpay-Timestamp"));
}

#[tokio::test]
async fn a_signature_of_another_type_is_not_believed_and_none_named_means_ours() {
    let mut answer = say(200, PREPAID).signed().unwrap();
    let sm2 = "WECHATPAY2-SM2-WITH-SM3".parse().unwrap();
    answer.headers_mut().insert("Wechatpay-Signature-Type", sm2);
    assert_eq!(unverified(Ok(answer)).await, Unverified::OtherScheme);
    let mut answer = say(200, PREPAID).signed().unwrap();
    answer.headers_mut().remove("Wechatpay-Signature-Type");
    assert!(prepay([Ok(answer)]).await.is_ok());
}

#[tokio::test]
async fn an_unknown_public_key_id_is_not_looked_for_among_certificates() {
    let other = "PUB_KEY_ID_9999999999999999999999999999";
    let answer = say(200, PREPAID).serial(other).signed();
    assert_eq!(
        unverified(answer).await,
        Unverified::UnknownSerial(other.to_owned())
    );
}

#[tokio::test]
async fn a_probe_is_answered_with_one_identical_repeat() {
    let script = Script::new([
        say(200, PREPAID).probe().signed(),
        say(200, PREPAID).signed(),
    ]);
    client(&script).jsapi_prepay(&order()).await.unwrap();
    let requests = script.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body(), requests[1].body());
    assert_eq!(requests[0].uri(), requests[1].uri());

    let script = Script::new([say(204, "").probe().signed(), say(204, "").signed()]);
    client(&script).close(&number()).await.unwrap();
    let script = Script::new([say(200, UNPAID).probe().signed(), say(200, UNPAID).signed()]);
    client(&script)
        .query_by_out_trade_no(&number())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_second_probe_is_an_ordinary_failed_verification() {
    let probe = || say(200, PREPAID).probe().signed();
    let error = prepay([probe(), probe()]).await.unwrap_err();
    assert_eq!(error.unverified(), Some(&Unverified::Probe));
    assert_eq!(error.unverified().unwrap().name(), "probe");
    assert!(error.is_ambiguous());
}

#[tokio::test]
async fn a_repeat_that_gets_nowhere_does_not_hide_that_the_first_call_arrived() {
    let busy = r#"{"code":"FREQUENCY_LIMITED","message":"频率超限"}"#;
    for repeat in [
        vec![refused_to_connect(), refused_to_connect()],
        vec![say(429, busy).unsigned()],
        vec![lost()],
    ] {
        let answers = std::iter::once(say(200, PREPAID).probe().signed()).chain(repeat);
        let error = prepay(answers).await.unwrap_err();
        assert!(error.is_ambiguous(), "{error}");
    }
    let paid = say(400, r#"{"code":"ORDERPAID"}"#).unsigned();
    let error = prepay([say(200, PREPAID).probe().signed(), paid])
        .await
        .unwrap_err();
    assert_eq!(
        error.code(),
        Some(&ApiCode::OrderPaid),
        "a plain refusal of the repeat counts"
    );
}

#[tokio::test]
async fn a_verified_answer_that_is_not_json_is_not_read() {
    let html = || {
        say(200, "<html/>")
            .media_type(Some("text/html; charset=utf-8"))
            .signed()
    };
    let error = prepay([html()]).await.unwrap_err();
    assert!(error.is_ambiguous());
    assert!(
        error
            .to_string()
            .contains("its media type is \"text/html\", not JSON"),
        "{error}"
    );
    assert!(
        prepay([say(200, PREPAID).media_type(None).signed()])
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_verified_answer_of_another_shape_is_an_error_without_its_content() {
    for body in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"prepay_id":7}"#,
        r#"{"prepay_id":"secret value"}"#,
    ] {
        let error = prepay([say(200, body).signed()]).await.unwrap_err();
        assert!(error.is_ambiguous(), "{body}");
        assert_eq!(error.advice(), Advice::QueryFirst);
        assert!(
            !format!("{error} {error:?}").contains("secret"),
            "{error:?}"
        );
    }
}

async fn query(client: &Client) -> Error {
    client.query_by_out_trade_no(&number()).await.unwrap_err()
}

#[tokio::test]
async fn refusals_of_every_shape_are_errors_and_never_a_panic() {
    let bodies: [&[u8]; 9] = [
        b"",
        b"null",
        b"7",
        b"[]",
        b"\"text\"",
        b"{",
        b"<html><body>502 Bad Gateway</body></html>",
        b"\xff\xfe\x00",
        br#"{"code":7,"message":{},"detail":"text"}"#,
    ];
    for body in bodies {
        for status in [
            202, 301, 400, 401, 403, 404, 405, 418, 429, 500, 502, 503, 599,
        ] {
            let client = client(&Script::new([say(status, body.to_vec()).unsigned()]));
            let error = query(&client).await;
            assert_eq!((error.status(), error.code()), (Some(status), None));
            assert_eq!(error.request_id(), Some("08ABC-0"));
            assert_eq!(
                error.is_ambiguous(),
                status == 202 || status >= 500,
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn a_refusal_needs_no_signature_and_a_wrong_one_does_not_matter() {
    let body = r#"{"code":"ORDER_NOT_EXIST","message":"订单不存在"}"#;
    for answer in [
        say(404, body).unsigned(),
        say(404, body).signed(),
        say(404, body).signed_with(&newer().key),
        say(404, body).serial(PUBLIC_KEY_ID).probe().signed(),
    ] {
        let error = query(&client(&Script::new([answer]))).await;
        assert_eq!(error.code(), Some(&ApiCode::OrderNotExist));
        assert_eq!(error.message(), Some("订单不存在"));
        assert!(!error.is_ambiguous());
    }
}
